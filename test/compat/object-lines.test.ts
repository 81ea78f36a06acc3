import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

lines(
  'images',
  String.raw`
    $D images --format '{{.Repository}}:{{.Tag}} {{.CreatedSince}} {{.Digest}}' | sort; $D images -q | sort -u | wc -l; $D images -q bb:latest | wc -l; $D images 'b*' -q | wc -l; $D images nosuch; $D images -a -q | wc -l; $D image ls -q | wc -l; $D image list -q | wc -l
    $D images --format json | wc -l; $D images -f dangling=true; $D images -f reference='w*' -q | wc -l; $D images -f label=org.example.kind -q | wc -l; $D images -f label=org.example.kind=web --format '{{.Repository}}'; $D images -f bogus=1; echo $?; $D images x y >/dev/null 2>&1; echo $?; $D images --format 'table {{.Repository}}\t{{.Tag}}' bb; $D images --digests bb | head -1; $D images --no-trunc -q bb
    $D images -q --format '{{.Repository}}' bb; $D images -q --format raw bb | wc -l; $D images 'x['; echo $?; $D images -f before=nosuch; $D images -f label=org.example.kind -f label=foo -q
    $D image prune -f --filter until=bogus; echo $?; $D image prune -f --filter until=1m --filter until=2m; echo $?; $D image prune -af --filter 'label!=org.example.kind' --filter label=org.example.kind; $D image prune -f --filter until=24h --filter 'label!=a=b'
    $D tag web nopr; $D rmi --no-prune nopr; $D rmi --no-prune nosuch; echo $?
    $D tag bb t1; $D tag bb t1:v2; $D tag bb localhost:5000/a/b:c; $D rmi t1:v2; $D rmi t1 localhost:5000/a/b:c; echo $?; $D image tag bb t9; $D image rm t9; $D tag bb t9; $D image remove t9
    $D rmi nosuch; echo $?; $D rmi -f nosuch; echo $?; $D tag nosuch x; echo $?; $D tag bb 'X Y'; echo $?; $D tag bb UP; echo $?; $D tag bb bb:; echo $?
    $D tag bb xxbb; $D save -o p.tar xxbb web; $D rmi xxbb; $D load -i p.tar | sort; $D rmi xxbb; $D load -q < p.tar | sort; $D rmi xxbb; gzip -c p.tar | $D load | sort; $D rmi xxbb; rm -f p.tar
    $D save bb web | $D load | sort; $D image save bb | $D image load -q; $D save bb | tar t | grep -c manifest.json
    $D save nosuch; echo $?; $D save nosuch -o x.tar; echo $?; ls x.tar; $D save bb -o /no/dir/x 2>/dev/null; echo $?; $D save bb -o /tmp; echo $?; $D load -i /nosuch; echo $?; echo garbage | $D load 2>/dev/null; echo $?
    $D run --name xa full >/dev/null; $D rmi full; echo $?; $D rm xa; $D tag full t1; $D rmi t1
    $D history full; $D history -q web; $D image history --no-trunc -q web | wc -l; $D history -H=false --format '{{.ID}} {{.CreatedAt}} {{.CreatedSince}} {{.CreatedBy}}{{.Comment}}' web; $D history -q --format 'table {{.ID}}' bb; $D history nosuch; echo $?; $D history --format '{{.Nope}}' bb; $D history >/dev/null 2>&1; echo $?
    $D create --name xa full >/dev/null; $D commit -a me -m msg -c 'ENV A=b' -c 'CMD x' xa made:1; $D inspect -f '{{.Author}} {{.Comment}} {{.Config.Env}} {{.Config.Cmd}} {{.Config.Entrypoint}} {{len .RootFS.Layers}} {{.Config.User}} {{.Config.WorkingDir}}' made:1; $D history made:1 | head -2; $D commit -c 'ENTRYPOINT []' xa made:2; $D inspect -f '{{.Config.Entrypoint}}{{.Config.Cmd}}' made:2; $D rmi made:1 made:2 | grep Untagged; $D commit -c 'RUN x' xa; echo $?; $D commit nosuch; echo $?; $D commit xa 'X Y'; echo $?; $D commit xa a:b:c; echo $?; $D commit >/dev/null 2>&1; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D exec xa touch /made; $D container commit -q xa >/dev/null 2>&1; echo $?; $D commit xa made >/dev/null; $D ps --format '{{.State}}'; $D run --rm made ls -l /made | cut -c1-10; $D pause xa; $D commit --pause=false xa made2 >/dev/null; $D ps --format '{{.State}}'; $D rmi -f made made2 | grep Untagged
    $D create --name xa bb >/dev/null; $D save bb -o bb.tar; mkdir -p x; tar -xf bb.tar -C x --wildcards '*layer.tar' 'blobs/*' 2>/dev/null; l=$(find x -type f -size +200k | head -1); $D import $l im:1 | cut -c1-7; $D import -c 'CMD ["echo","hi"]' -c 'ENV PATH=/bin' -m msg - im:2 < $l | cut -c1-7; $D run --rm im:2; $D history im:2; $D inspect -f '{{.Comment}} {{.Config.Cmd}} {{.Config.Env}} {{.Author}} {{.Os}} {{len .RootFS.Layers}}' im:1 im:2; $D rmi im:1 im:2 | grep Untagged; rm -rf x bb.tar
    $D import nosuch; echo $?; echo garbage | $D import - >/dev/null 2>&1; echo $?; $D import -c 'RUN x' - < /dev/null; echo $?; $D import - 'X Y' </dev/null; echo $?; $D import; echo $?; $D import - UP < /dev/null; echo $?
    $D image prune -f; $D image prune -af --filter label=nosuch; echo n | $D image prune; echo $?; $D image prune -f --filter bogus=1; echo $?
  `,
);

lines(
  'networks',
  String.raw`
    $D network create n1 | wc -c; $D network ls -f name=n1 --format '{{.Name}} {{.Driver}} {{.Scope}}'; $D network ls -f name=n1 --no-trunc -q | wc -c; $D network ls --filter type=custom --format '{{.Name}}'; $D network create n1; echo $?; $D network rm n1; $D network rm n1; echo $?; $D network ls -f bogus=1; echo $?
    $D network create --subnet 10.$N.0.0/24 --gateway 10.9.0.1 n1 >/dev/null 2>&1; echo $?; $D network create bridge >/dev/null 2>&1; echo $?; $D network create host >/dev/null 2>&1; echo $?; $D network rm host >/dev/null 2>&1; echo $?; $D network rm none >/dev/null 2>&1; echo $?
    $D network create --subnet 10.$N.0.0/24 --label a=b n1 >/dev/null; $D network inspect -f '{{(index .IPAM.Config 0).Subnet}} {{json .Labels}} {{.Internal}} {{json .Options}} {{json .Containers}} {{.Attachable}} {{.EnableIPv6}}' n1; $D run -d --name xa --network n1 --ip 10.$N.0.9 --network-alias al bb sleep 99 >/dev/null; $D inspect -f '{{json .NetworkSettings.Networks.n1.IPAddress}} {{json .NetworkSettings.Networks.n1.IPAMConfig}} {{.HostConfig.NetworkMode}} {{.NetworkSettings.IPAddress}}' xa; $D run --rm --network n1 bb ping -c1 -W1 al | grep PING; $D run --rm --network n1 bb ping -c1 -W1 xa | grep PING; $D network rm n1 >/dev/null 2>&1; echo $?; $D network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}' n1; $D rm -f xa; $D network rm n1
  `,
);

lines(
  'volumes',
  String.raw`
    $D volume create | wc -c; $D volume create vv; $D volume create --name vv2; $D volume create -d bogus vv3 >/dev/null 2>&1; echo $?; $D volume create aa bb >/dev/null 2>&1; echo $?; $D volume ls -f name=vv; $D volume ls --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}}' -f name=vv; $D volume ls -f dangling=true -f name=vv -q; $D volume ls -f bogus=1; echo $?; $D volume rm vv nosuch; echo $?; $D volume rm -f nosuch; echo $?; $D volume rm vv2
    $D volume create vv >/dev/null; $D run -d --name xa -v vv:/x bb sleep 99 >/dev/null; $D volume rm vv; echo $?; $D volume ls -q -f dangling=true -f name=vv; $D rm -f xa; $D volume prune -f --filter label=no; echo n | $D volume prune >/dev/null; echo $?; $D volume prune --filter bogus=1 -f; echo $?; $D volume rm vv
  `,
);

lines(
  'system',
  String.raw`
    $D version --format '{{.Server.Os}} {{.Client.Os}} {{.Client.Arch}}'; $D version --format '{{.Nope}}' >/dev/null 2>&1; echo $?; $D info -f '{{.OSType}} {{.NCPU}} {{.Architecture}} {{.CgroupVersion}} {{.LoggingDriver}} {{.CgroupDriver}}'; $D system info -f '{{.NCPU}} {{.MemoryLimit}} {{.SwapLimit}} {{.CPUShares}} {{.CPUSet}} {{.PidsLimit}} {{.OomKillDisable}}'; $D info -f '{{.Runtimes.nvidia}}'; $D version -f '{{.Server.Version}}' | wc -l
    for c in stop restart kill wait pause unpause start rm rmi tag save exec logs attach port top rename inspect pull run create; do $D $c >/dev/null 2>&1; echo $c $?; $D $c --bogus >/dev/null 2>&1; echo $?; $D $c --help >/dev/null; echo $?; done
    for c in 'container inspect' 'container rm' 'image inspect' 'image rm' 'image prune x' 'network inspect' 'network create' 'network create a b' 'network rm' 'network ls x' 'volume inspect' 'volume rm' 'volume ls x' 'volume prune x' 'images a b' 'version a' 'info a' 'load a' 'ps a' 'logs a b' 'attach a b' 'rename a' 'tag a' 'nosuch' 'container nosuch' 'image nosuch' '--nope'; do $D $c >/dev/null 2>&1; echo $c $?; done
    for c in stop restart kill rm wait rename logs port; do $D $c; done
    $D volume create dfv >/dev/null; $D run -d --name xa -v dfv:/v bb sleep 99 >/dev/null; $D system df | sed 's/([0-9]*%)//'; $D system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'; $D system df -v | grep -E '^([A-Z]|$|bb|dfv)|xa$' | sed 's/  */ /g'; $D system df -v --format '{{range .Containers}}{{.Names}} {{.Size}}{{end}}'; $D rm -f xa; $D volume rm dfv; $D system df x; echo $?
    $D run -d --name xa bb sleep 99 >/dev/null; $D container exec xa echo hi; $D container logs xa; $D container stop -t 0 xa; $D container start xa; $D container rename xa xb; $D container top xb | wc -l; $D container restart -t0 xb; $D container pause xb; $D container unpause xb; $D container kill xb; $D container wait xb; $D container port xb; $D container rm xb; $D container remove nosuch; echo $?; $D container create --name xq bb >/dev/null; $D container prune -f | head -1; $D container run --rm bb echo x
  `,
);

lines(
  'create',
  String.raw`
    $D create --name xa bb true | wc -c; $D create --name xa bb true; echo $?; $D create --name 'a b' bb; echo $?; $D create --pull never nosuchx; echo $?; $D create --cidfile /no/x bb; echo $?; $D create -m 1k bb; echo $?; $D create -d bb >/dev/null 2>&1; echo $?
    $D create --name xa bb true >/dev/null; $D ps -a --format '{{.Names}} {{.Status}} {{.State}}'; $D inspect -f '{{.State.Status}} {{.State.StartedAt}} {{.State.Pid}}' xa; $D container ls -q | wc -l
  `,
);
