import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'ps',
  String.raw`
    $D run -d --name xa -l a=1 -l b=2 -p $P:80 -v vol1:/v web >/dev/null; $D create --name xb -l a=2 bb echo a very long command line >/dev/null; $D run --name xc bb sh -c 'exit 3'; for f in '' -a -q -aq '-a --no-trunc' -l '-n 2' '-n -1' '-lq' '-as' '-a --size'; do echo "[$f]"; $D ps $f | sed -E 's/[0-9.]+(k|M)?B/SZ/g'; done
    $D run -d --name xa -l a=1 -l b=2 -p $P:80 -v vol1:/v web >/dev/null; $D create --name xb -l a=2 bb true >/dev/null; $D run --name xc bb sh -c 'exit 3'; for f in name=xa name=x name=^x name=nosuch name=^/xa$ id=zz label=a label=a=1 'label=a=1 -f label=b=2' 'label=a=1 -f label=b=3' status=running status=created status=exited 'status=running -f status=exited' exited=3 exited=0 ancestor=bb ancestor=bb:latest ancestor=nosuch before=xc since=xa volume=vol1 volume=/v volume=no network=bridge network=none network=no publish=$P publish=80 publish=80/udp publish=8000-9000 expose=80 expose=80/tcp expose=81 health=none health=healthy is-task=false isolation=x; do echo "[$f]"; $D ps -a --format '{{.Names}}' -f $f; echo $?; done
    for f in status=bogus exited=x before=nosuch health=bogus bogus=1 name status=; do $D ps -a -f $f; echo $?; done
    $D run -d --name xa -l a=1 -l b=2 -p $P:80 -v vol1:/v web >/dev/null; for f in '{{.ID}}' '{{.Image}}' '{{.Command}}' '{{.CreatedAt}}' '{{.RunningFor}}' '{{.Ports}}' '{{.Status}}' '{{.State}}' '{{.Names}}' '{{.Labels}}' '{{.Label "a"}}' '{{.Mounts}}' '{{.LocalVolumes}}' '{{.Networks}}' '{{json .Names}}'; do $D ps --format "$f"; done
    $D run -d --name xa -l a=1 web >/dev/null; for f in 'table {{.Names}}\t{{.Status}}' table raw '{{.Names}}\t{{.State}}' '{{upper .Names}} {{lower .Names}}' '{{join (split .Image "e") "-"}}' '{{pad .Names 2 3}}|' '{{if eq .State "running"}}yes{{end}}' '{{title .Names}}' '{{printf "%-10s|" .Names}}' '{{.Names}}\n' '{{println .Names}}' 'table {{.ID}}\t{{.Label "a"}}' '{{len .Names}}'; do echo "[$f]"; $D ps --format "$f" | sed -E 's/[0-9.]+(k|M)?B/SZ/g'; done
    $D run -d --name xa bb sleep 9 >/dev/null; $D ps --format '{{.Nope}}'; echo $?; $D ps --format '{{'; echo $?
    $D ps --format json | wc -l; $D container ls -q; $D container list -aq; $D container ps; $D ps extra; echo $?; $D ps -n x; echo $?; $D ps -z; echo $?
  `,
);

lines(
  'inspect',
  String.raw`
    $D inspect nosuch; echo $?; $D inspect --type bogus x >/dev/null 2>&1; echo $?; $D inspect --type image nosuch; echo $?; $D inspect --type volume nosuch; echo $?; $D inspect --type network nosuch; echo $?
    $D container inspect nosuch; echo $?; $D image inspect nosuch; echo $?; $D network inspect nosuch; echo $?; $D volume inspect nosuch; echo $?
    $D inspect -f '{{' bb; echo $?; $D inspect -f '{{.Nope}}' bb; echo $?; $D inspect -f '{{.Architecture}}' bb nosuch; echo $?; $D inspect -f '{{nope .}}' bb; echo $?
    $D run -d --name xa -p $P:80 -e A=1 -v vol1:/v -w /tmp -u 1:2 --restart on-failure:3 -h hh -m 64m --cpus 0.5 --cap-add NET_ADMIN --cap-drop CHOWN --add-host h:1.2.3.4 --dns 1.1.1.1 --tmpfs /x --ulimit nofile=10 --pids-limit 50 --shm-size 1m --init --stop-timeout 3 --stop-signal USR1 --read-only --group-add 7 --device /dev/null --sysctl net.ipv4.ip_forward=1 -l k=v --entrypoint sleep bb 99 >/dev/null; for f in .Name .Path .Args .Config.Env .Config.Cmd .Config.Entrypoint .Config.User .Config.WorkingDir .Config.Hostname .Config.Labels .Config.StopSignal .Config.StopTimeout .Config.ExposedPorts .Config.Volumes .Config.Image .Config.Tty .Config.AttachStdin .Config.AttachStdout .State.Status .State.Running .State.ExitCode .State.Error .State.OOMKilled .State.FinishedAt .RestartCount .Platform; do echo "[$f]"; $D inspect -f "{{json $f}}" xa; done
    $D run -d --name xa -p $P:80 -v vol1:/v --restart on-failure:3 -m 64m --cpus 0.5 --cap-add net_admin --cap-drop CAP_CHOWN --add-host h:1.2.3.4 --dns 1.1.1.1 --tmpfs /x --ulimit nofile=10 --pids-limit 50 --shm-size 1m --init --read-only --group-add 7 --device /dev/null --sysctl net.ipv4.ip_forward=1 bb sleep 99 >/dev/null; for f in Binds NetworkMode PortBindings RestartPolicy AutoRemove CapAdd CapDrop Dns ExtraHosts GroupAdd IpcMode PidMode Privileged ReadonlyRootfs Tmpfs ShmSize Sysctls Runtime Memory MemorySwap NanoCpus Devices PidsLimit Ulimits Init LogConfig CgroupnsMode ReadonlyPaths VolumesFrom SecurityOpt UTSMode UsernsMode Isolation CpuShares OomScoreAdj Links PublishAllPorts; do echo "[$f]"; $D inspect -f "{{json .HostConfig.$f}}" xa; done
    $D run -d --name xa bb sleep 99 >/dev/null; for f in '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' '{{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}' '{{index .Config.Env 0}}' '{{len .Mounts}}' '{{.Config.Labels}}' '{{.HostConfig.RestartPolicy.Name}}' '{{.Created}}' '{{.NetworkSettings.IPAddress}}' '{{.NetworkSettings.Ports}}' '{{json .NetworkSettings.Ports}}' '{{.HostConfig.LogConfig}}' '{{.State.StartedAt}}' '{{json .State.Health}}' '{{.Id}}' '{{.Mounts}}' '{{if .State.Running}}up{{else}}down{{end}}' '{{.SizeRw}}' '{{(index .NetworkSettings.Networks "bridge").NetworkID}}' '{{with .State}}{{.Status}}{{end}}' '{{json .Config.Cmd}}' '{{.Path}} {{.Args}}' '{{index .Config.Labels "nope"}}' '{{.Config.Labels.nope}}' '{{join .Config.Env ","}}'; do echo "[$f]"; $D inspect -f "$f" xa; done
    $D run -d --name xa bb sleep 99 >/dev/null; $D inspect -s xa | grep -c Size; $D container inspect -f '{{.Name}}' xa; $D inspect --format='{{.Name}}' xa xa; $D inspect --type=container -f '{{.Name}}' xa
    $D inspect full -f '{{.RepoTags}} {{.Config.Cmd}} {{.Config.Entrypoint}} {{.Config.User}} {{.Config.Labels}} {{.Architecture}} {{.Os}} {{len .RootFS.Layers}} {{.RootFS.Type}}'
  `,
);
