export interface Example {
  /** Without a colon at its end. */
  what: string;
  /** One or more lines of sh. */
  run: string;
}

interface Text {
  /** In place of the short help; paragraphs are apart by an empty line, and one that begins with a tab stays as it is. */
  description?: string;
  examples?: readonly Example[];
  /** Other commands to look at. */
  see?: readonly string[];
}

const eg = (what: string, run: string): Example => ({ what, run });

/** What the reference says beyond the tables, by the path that people type: `ps`, not `container ls`. */
export const texts: Readonly<Record<string, Text>> = {
  '': {
    description: `
nerdctl runs, builds and moves containers on containerd with docker's command line: the same commands, flags, output
and exit statuses. It has no daemon of its own. With "alias docker=nerdctl" scripts and habits go on working.

containerd is found at --address, in CONTAINERD_ADDRESS, or at /run/containerd/containerd.sock; a user without root has
one of their own, which containerd-rootless-setuptool.sh sets up. Containers, images and volumes belong to a namespace of
containerd (--namespace). The flags below stand before the command, or after it where it has no flag of that name; most
can be set in /etc/nerdctl/nerdctl.toml, or ~/.config/nerdctl/nerdctl.toml for a user.`,
    examples: [
      eg('A web server, answering on port 8080 of the host', 'nerdctl run -d --name web -p 8080:80 nginx'),
      eg("The containers of Kubernetes' namespace", 'nerdctl -n k8s.io ps'),
      eg('Words for the Tab key', 'source <(nerdctl completion bash)'),
    ],
  },
  attach: {
    description: `
Connects the terminal to the process of a running container: its output is shown, and what is typed goes to it if it was
made with -i. The keys ctrl-p ctrl-q leave it running; without a terminal (-t), ctrl-c is sent to it as a signal.`,
    examples: [
      eg('Watch and leave again with ctrl-p ctrl-q', 'nerdctl run -dit --name box alpine\nnerdctl attach box'),
    ],
    see: ['exec', 'logs'],
  },
  build: {
    description: `
Builds an image, or files, from a Dockerfile with BuildKit. The context is a directory, a git repository, the address of an
archive, or - for standard input. The image is there for run at once, without another load.

BuildKit is found at --buildkit-host, in BUILDKIT_HOST, or where buildkitd listens by itself.`,
    examples: [
      eg('An image from the Dockerfile in this directory', 'nerdctl build -t app .'),
      eg(
        'For two platforms, pushed',
        'nerdctl build --platform linux/amd64,linux/arm64 -t registry.example/app:1 --push .',
      ),
      eg('A secret that stays out of the image', 'nerdctl build --secret id=token,src=token.txt -t app .'),
      eg('The files of a stage, into a directory', 'nerdctl build --target dist -o dist .'),
    ],
    see: ['buildx prune', 'push'],
  },
  commit: {
    description: `
Makes an image of what a container has changed. The container is paused meanwhile, unless --no-pause says otherwise;
volumes are not part of the image.`,
    examples: [eg('With another command', `nerdctl commit -c 'CMD ["server", "--verbose"]' web web:changed`)],
    see: ['build'],
  },
  create: {
    description: 'Makes a container like run, without starting it, and prints its ID.',
    examples: [eg('Now, and started later', 'nerdctl create --name job alpine echo done\nnerdctl start -a job')],
    see: ['run', 'start'],
  },
  exec: {
    description: `
Runs another process in a running container and ends with its exit status. The process has the container's variables,
user and directory, unless flags say otherwise.`,
    examples: [
      eg('A shell', 'nerdctl exec -it web sh'),
      eg('As another user, in a directory', 'nerdctl exec -u www-data -w /var/www web ls -l'),
      eg('In the background', 'nerdctl exec -d web touch /tmp/here'),
    ],
    see: ['run', 'attach'],
  },
  images: {
    description: `
Lists the images of the namespace, newest first. An argument leaves only those of that repository, or with that tag.`,
    examples: [
      eg('Those without a name', 'nerdctl images -f dangling=true'),
      eg('Names and sizes', "nerdctl images --format '{{.Repository}}:{{.Tag}} {{.Size}}'"),
    ],
    see: ['pull', 'rmi', 'system df'],
  },
  inspect: {
    description: `
Shows everything that is known of containers, images, volumes and networks, in docker's shape: a list in JSON, or
what --format picks of it.`,
    examples: [
      eg('The address of a container', "nerdctl inspect -f '{{.NetworkSettings.IPAddress}}' web"),
      eg('One kind only', 'nerdctl inspect --type image alpine'),
    ],
  },
  kill: {
    examples: [eg('Have a server read its configuration again', 'nerdctl kill -s HUP web')],
    see: ['stop'],
  },
  load: {
    description: `
Loads images from an archive made by save, or by docker, compressed or not. Names that it has point to its images
afterwards.`,
    examples: [
      eg('From a file', 'nerdctl load -i images.tar.gz'),
      eg('From another machine', 'ssh build.example docker save app | nerdctl load'),
    ],
    see: ['save', 'import', 'migrate docker'],
  },
  login: {
    examples: [eg('From a script', 'echo "$TOKEN" | nerdctl login -u robot --password-stdin registry.example')],
    see: ['logout', 'push', 'pull'],
  },
  logs: {
    description: `
Shows what a container has written to its standard output and error, also after its end. Needs the log driver json-file,
which is the default.`,
    examples: [
      eg('The last ten lines, and those that come', 'nerdctl logs -n 10 -f web'),
      eg('Of the last five minutes, with times', 'nerdctl logs --since 5m -t web'),
    ],
    see: ['run', 'attach'],
  },
  'network create': {
    description: `
Makes a network. Containers on it reach each other by name. The file is a CNI configuration, which other tools see too.`,
    examples: [
      eg('One of its own for an application', 'nerdctl network create backend'),
      eg('With a subnet', 'nerdctl network create --subnet 10.8.0.0/24 --gateway 10.8.0.1 backend'),
      eg(
        'Addresses of the network that the host is on',
        'nerdctl network create -d macvlan -o parent=eth0 --subnet 192.168.1.0/24 lan',
      ),
    ],
    see: ['run'],
  },
  ps: {
    description: 'Lists the containers that run; with -a, all of them. The newest come first.',
    examples: [
      eg('Names and states of all', "nerdctl ps -a --format 'table {{.Names}}\\t{{.Status}}'"),
      eg('Those made from an image', 'nerdctl ps -a -f ancestor=nginx'),
      eg('Remove those that have exited', 'nerdctl rm $(nerdctl ps -aq -f status=exited)'),
    ],
    see: ['inspect', 'logs'],
  },
  pull: {
    description: `
Downloads an image for this machine's platform from its registry, or from a mirror that hosts.toml names. Layers that are
there already are not downloaded again, and an interrupted download goes on where it was.`,
    examples: [
      eg(
        'By tag, and by digest',
        'nerdctl pull alpine:3.20\nnerdctl pull alpine@sha256:beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d',
      ),
      eg('For another platform', 'nerdctl pull --platform linux/arm64 alpine'),
    ],
    see: ['login', 'images', 'run'],
  },
  push: {
    description: `
Uploads an image to the registry in its name. Layers that the registry has, also in another repository of it, are not sent
again.`,
    examples: [
      eg('Under a name of the registry', 'nerdctl tag app registry.example/app:1\nnerdctl push registry.example/app:1'),
    ],
    see: ['login', 'tag', 'build'],
  },
  restart: {
    examples: [eg('With 30 seconds to end in', 'nerdctl restart -t 30 web')],
    see: ['stop', 'start'],
  },
  rm: {
    description: `
Removes containers that do not run, with what they have written; -f stops them first. Named volumes stay, anonymous ones go
with -v.`,
    examples: [
      eg('Whether it runs or not, with its anonymous volumes', 'nerdctl rm -fv web'),
      eg('All that have stopped', 'nerdctl container prune'),
    ],
    see: ['stop', 'container prune', 'ps'],
  },
  rmi: {
    description: `
Removes the names given; the image goes with its last name. One that a container uses stays, unless -f is given.`,
    examples: [eg('A name', 'nerdctl rmi app:1'), eg('All that no container uses', 'nerdctl image prune -a')],
    see: ['images', 'image prune'],
  },
  run: {
    description: `
Makes a container of an image, which is downloaded if it is not there, and starts a process in it: the command given, or
that of the image. Without -d the terminal is connected to it, and nerdctl ends when it ends, with its exit status.

Flags of nerdctl stand before the image; what follows it belongs to the container.`,
    examples: [
      eg('A shell, gone when it ends', 'nerdctl run -it --rm alpine'),
      eg(
        'A server in the background, with a port and a volume',
        'nerdctl run -d --name web -p 8080:80 -v data:/usr/share/nginx/html nginx',
      ),
      eg(
        'This directory, as this user',
        'nerdctl run --rm -v "$PWD:/src" -w /src -u "$(id -u):$(id -g)" node npm test',
      ),
      eg(
        'With limits, started again after a crash and at boot',
        'nerdctl run -d --restart unless-stopped -m 512m --cpus 1.5 app',
      ),
      eg(
        'On a network, where others find it by its name',
        'nerdctl network create backend\nnerdctl run -d --network backend --name db -e POSTGRES_PASSWORD=secret postgres',
      ),
    ],
    see: ['create', 'exec', 'logs', 'ps', 'stop', 'rm'],
  },
  save: {
    description: 'Writes images with their names to an archive that load, docker and other tools read.',
    examples: [
      eg('Several, compressed', 'nerdctl save app db | gzip > images.tar.gz'),
      eg('To a file', 'nerdctl save -o app.tar app'),
    ],
    see: ['load', 'push'],
  },
  start: {
    examples: [eg('With its output', 'nerdctl start -a job')],
    see: ['run', 'stop'],
  },
  stop: {
    description: `
Sends the stop signal, SIGTERM unless the image or --stop-signal of run says otherwise, and SIGKILL to what has not ended in
10 seconds, or in those of -t. A container that was stopped is not started again by its restart policy.`,
    examples: [eg('Several at once', 'nerdctl stop web db'), eg('With a minute to end in', 'nerdctl stop -t 60 db')],
    see: ['kill', 'restart', 'rm'],
  },
  'system df': {
    examples: [eg('By image, container and volume', 'nerdctl system df -v')],
    see: ['image prune', 'volume prune'],
  },
  'system start': { see: ['system status', 'system stop'] },
  'system status': { see: ['system start', 'info'] },
  'system stop': { see: ['system start'] },
  tag: {
    description: 'Gives an image another name. Both names mean the same image then, which goes with the last of them.',
    examples: [eg('For a registry', 'nerdctl tag app registry.example/team/app:1')],
    see: ['push', 'rmi'],
  },
  'volume create': {
    description:
      'Makes a volume: a directory that outlives containers. run makes those that it names and that are not there.',
    examples: [
      eg('Used by a container', 'nerdctl volume create data\nnerdctl run -v data:/data alpine ls /data'),
      eg('In memory', 'nerdctl volume create -o type=tmpfs -o device=tmpfs -o o=size=100m scratch'),
    ],
    see: ['run', 'volume ls'],
  },
};
