import type { BaseName } from '../../../harness/debian-bases.ts';
import { text } from '../case.ts';

/** A project as people have them: its files, how it is built, and what its container answers. */
export interface Project {
  base: BaseName;
  files: Record<string, string>;
  build: string[];
  port: number;
  path: string;
  answer: RegExp;
}

/** Any of the bases, from the files of its packages. */
export const baseDockerfile = text`
  FROM scratch
  COPY . /
  COPY --from=bb /bin/busybox /usr/bin/
  COPY --from=bb /etc/passwd /etc/group /etc/
  RUN busybox --install -s /usr/bin
  ENV LANG=C.UTF-8
  CMD ["sh"]
`;

/** What of a package no container needs. */
export const baseIgnore = 'usr/share/doc\nusr/share/man\nusr/share/locale\nusr/lib/*/gconv\n';

/** What stands in for the image of that name: the pages are where its are. */
export const nginxDockerfile = text`
  FROM base-nginx
  RUN <<EOF
  cat > /etc/nginx/nginx.conf <<CONF
  user web;
  events {}
  http {
    include mime.types;
    server { listen 80; root /usr/share/nginx/html; }
  }
  CONF
  EOF
  CMD ["nginx", "-g", "daemon off;"]
`;

const site: Project = {
  base: 'nginx',
  files: {
    Dockerfile: text`
      FROM base-nginx AS pages
      WORKDIR /build
      COPY pages pages
      RUN <<EOF
      set -e
      mkdir site
      for page in pages/*.md; do
        name=$(basename $page .md)
        { echo "<!doctype html><title>$name</title>"; sed 's|^# \(.*\)|<h1>\1</h1>|' $page; } > site/$name.html
      done
      gzip -k9 site/*.html
      EOF

      FROM base-nginx
      COPY nginx.conf /etc/nginx/nginx.conf
      COPY --from=pages --chown=web:web /build/site /srv/www
      RUN nginx -t
      EXPOSE 80
      STOPSIGNAL SIGQUIT
      HEALTHCHECK CMD wget -qO /dev/null http://127.0.0.1/
      CMD ["nginx", "-g", "daemon off;"]
    `,
    '.dockerignore': '*\n!pages/*.md\n!nginx.conf\npages/draft*\n',
    'nginx.conf': text`
      user web;
      pid /run/nginx.pid;
      error_log stderr;
      events {}
      http {
        include mime.types;
        access_log /dev/stdout;
        server { listen 80; root /srv/www; index index.html; gzip_static on; }
      }
    `,
    'pages/index.md': '# Welcome\nto a static site\n',
    'pages/draft.md': '# Not yet\n',
  },
  build: [],
  port: 80,
  path: '/',
  answer: /<h1>Welcome<\/h1>/,
};

const web: Project = {
  base: 'python',
  files: {
    Dockerfile: text`
      ARG PYTHON=base-python
      FROM $PYTHON AS base
      ENV PYTHONUNBUFFERED=1
      WORKDIR /app

      FROM base AS test
      COPY . .
      RUN python3 -m unittest -v 2>&1

      FROM base
      ARG VERSION=unknown
      COPY --link --chmod=644 app.py ./
      COPY --from=test /app/test_app.py /tmp/
      RUN --mount=type=secret,id=token,required \
          --mount=type=cache,target=/var/cache/python \
          python3 -m compileall -q . && wc -c < /run/secrets/token > token.size
      ENV VERSION=$VERSION
      USER web
      EXPOSE 8000
      ENTRYPOINT ["python3", "app.py"]
      CMD ["8000"]
    `,
    'app.py': text`
      import json, os, sys
      from wsgiref.simple_server import make_server

      def app(environ, start_response):
          body = json.dumps({"path": environ["PATH_INFO"], "version": os.environ.get("VERSION"), "user": os.getuid()})
          start_response("200 OK", [("Content-Type", "application/json")])
          return [body.encode()]

      if __name__ == "__main__":
          make_server("", int(sys.argv[1]), app).serve_forever()
    `,
    'test_app.py': text`
      import unittest
      from app import app

      class AppTest(unittest.TestCase):
          def test_answers(self):
              seen = []
              body = app({"PATH_INFO": "/x"}, lambda status, headers: seen.append(status))
              self.assertEqual(seen, ["200 OK"])
              self.assertIn(b'"/x"', body[0])
    `,
    'token.txt': 'very secret\n',
  },
  build: ['--build-arg', 'VERSION=1.2.3', '--secret', 'id=token,src=token.txt'],
  port: 8000,
  path: '/some/path',
  answer: /"path": "\/some\/path", "version": "1\.2\.3", "user": 1000/,
};

const service: Project = {
  base: 'node',
  files: {
    Dockerfile: text`
      FROM base-node AS build
      WORKDIR /app
      COPY package.json ./
      COPY src src
      RUN node src/bundle.mjs

      FROM base-node
      ENV NODE_ENV=production
      WORKDIR /app
      COPY --from=build /app/dist ./
      USER 1000
      EXPOSE 3000
      CMD ["node", "server.mjs"]
    `,
    'package.json': '{"name": "service", "version": "4.5.6", "type": "module"}\n',
    'src/bundle.mjs': text`
      import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
      const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
      mkdirSync('dist');
      const code = readFileSync('src/server.mjs', 'utf8').replace('__NAME__', name).replace('__VERSION__', version);
      writeFileSync('dist/server.mjs', code);
      console.log('bundled', name, version);
    `,
    'src/server.mjs': text`
      import { createServer } from 'node:http';
      process.on('SIGTERM', () => process.exit(0));
      createServer((request, response) => {
        response.end(['__NAME__', '__VERSION__', process.env.NODE_ENV, request.url].join(' '));
      }).listen(3000);
    `,
  },
  build: ['--pull=false'],
  port: 3000,
  path: '/ping',
  answer: /^service 4\.5\.6 production \/ping$/,
};

export const projects: Record<string, Project> = {
  'a static site on nginx': site,
  'a Python web application': web,
  'a Node service': service,
};
