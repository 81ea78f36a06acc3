import { lines, prepareBoth } from '../harness/compare.ts';

prepareBoth();

const tree =
  'mkdir -p /a/b; echo 1 > /a/f; ln /a/f /a/h; ln -s f /a/l; ln -s /a /al; ln -s /etc /x; chown 7:8 /a/f; mknod /a/p p; chmod 1777 /a/b; touch /a/.wh.x';
const made = `$D run -d --name xa -v xv:/vol bb sh -c "${tree}; echo v > /vol/v; touch /ready; sleep 99" >/dev/null; until $D exec xa ls /ready >/dev/null 2>&1; do :; done`;
const files =
  'rm -rf *; mkdir -p src/d; echo hi > src/f; echo q > src/q; chown 1000:1001 src/f; chmod 4640 src/f; ln -s f src/l; ln src/q src/h; mkfifo src/p; mknod src/n c 1 3; echo x > src/d/x; touch -h -d "2001-02-03 04:05:06.789" src/d/x src/* src';

lines(
  'copy',
  String.raw`
    ${made}; for p in /a /a/. /al/ a/f /a/p "-L /al"; do echo "[$p]"; l=; case $p in -L*) l=-L; p=${'$'}{p#-L }; esac; $D cp $l xa:$p - | tar --numeric-owner --full-time -tvf - | sed 's/ 2[0-9-]* [0-9:]* / /'; done; for p in /proc /etc/hosts; do $D cp xa:$p - | tar tf -; done; for p in / . /.; do $D cp xa:$p - | tar tPf - | grep -e '^..\?$' -e 'a/'; done
    ${made}; ${files}; $D cp xa:/a ex; $D cp xa:/a ex; $D cp xa:/a/. ex2; $D cp xa:/a/f ex/b; $D cp -a xa:/a/f exa; $D cp xa:/a/h ex; $D cp -L xa:/al exl; $D cp xa:/al exn; mkdir in; $D cp xa:/al/ in2; ln -s ex ln; $D cp xa:/a/f ln; ln -s nowhere dang; $D cp xa:/a/f dang; $D cp xa:/ whole; find ex* in* nowhere whole/a whole/vol | sort; stat -c '%n %A %u:%g %t' ex/* ex2/* exa exl/*; cat exa nowhere
    ${made}; ${files}; $D cp src xa:/; $D cp src xa:/src2; $D cp src xa:/src2; $D cp -a src xa:/s3; $D cp src/. xa:/s4; $D cp src/. xa:/a/b; $D cp src/f xa:/nf; $D cp src/f xa:/a; $D cp src/f xa:/x; $D cp src xa:/x; $D cp src/l xa:/sl; $D cp -L src/l xa:/slL; $D cp src/f xa:/al/new; $D cp src/q xa:/vol; $D exec xa sh -c 'cd /; find src src2 s3 s4 a etc nf sl slL vol | sort | xargs stat -c "%n %A %u:%g %h %Y %t"' | grep -v -e hosts -e resolv -e mtab -e ' 17[0-9]*'
    ${made}; ${files}; mkdir -p real ex3/f ex4; echo 1 > real/1; ln -s real ld; for s in ld/.; do $D cp $s xa:/l1; $D cp -L $s xa:/l2; $D exec xa find /l1 /l2; $D exec xa rm -rf /l1 /l2; done; $D cp ld/ xa:/a; $D exec xa ls /a; echo > ex4/d; $D cp xa:/a/. ex3 2>&1 | sed "s,$PWD,,g"; $D cp src xa:/; $D cp xa:/src/. ex4 2>&1 | sed "s,$PWD,,g"; $D exec xa mkdir /src/f2; $D cp src/f xa:/src/f2; $D exec xa ls /src/f2
    ${made}; ${files}; for a in "xa:/nosuch ." "xa:/a/f nosuch/x" "xa:/a src/f" "src/f xa:/nodir/x" "src xa:/a/f" "src/l/ xa:/z" "nosuch xa:/" "src/f/x xa:/" "src/f xa:" "xa: z" "xa:/a/f /dev/null" "nodir/x xa:/" "xa:/etc/passwd src/f/x" "-L nosuch xa:/"; do echo "[$a]"; $D cp $a 2>&1 | sed "/^time=/d; s,$PWD,,"; done
    for a in "a b" "xa:/x xb:/y" "x" "" "a:b xa:/c" "--nope a b" "nosuch:/x ." "- -"; do $D cp $a; echo $?; done; $D cp '' xa:/; echo $?; $D cp xa:/a ''; echo $?
    ${made}; ${files}; tar cf - src | $D cp - xa:/tar1; tar czf - src | $D cp - xa:/a/b; $D cp - xa:/a/f < /dev/null; echo $?; echo nonsense | $D cp - xa:/a 2>/dev/null; echo $?; $D cp - xa:/a < /dev/null; echo $?; tar cf - src | $D cp - xa:/al; $D exec xa sh -c 'find /a | sort | xargs stat -c "%n %A %u:%g %h %t"'; for c in --quiet=false; do for a in "src/f xa:/q" "xa:/q qq" "src xa:/q2" "xa:/q2 q2" "xa:/a/. q3"; do $D cp $c $a 2>&1 | sed "s,$PWD,,; s/ copied / /"; done; tar cf - src | $D cp $c - xa:/a/b; done
    ${files}; $D run -d --name xr --read-only -v xv:/vol -v xv2:/vr:ro -v $PWD/src/q:/bf bb sleep 99 >/dev/null; for p in / /vol/ /vr/ /etc/hosts /bf /vol/new /nodir/x; do $D cp src/f xr:$p 2>&1 | sed 's/^.*busy$/busy/'; done; $D cp xr:/bf - | tar --numeric-owner -tvf - | sed 's/ 2.*//'; $D exec xr ls /vol
    ${files}; $D create --name xc -v xv9:/vol -v xn9:/new/deep -v $PWD/src/q:/fl bb true >/dev/null; $D cp src/f xc:/vol/g; $D cp -a src xc:/own; $D cp src/f xc:/new/deep/z; $D cp src/q xc:/fresh; for p in /vol /own /new /fl /fresh; do $D cp xc:$p - | tar --numeric-owner -tvf - | sed 's/ 2[0-9-]* [0-9:]* / /'; done; $D start -a xc; $D cp xc:/own/d/x y; cat y; $D cp xc:/etc/hosts - | tar tf -; $D cp xc:/../../own/q y; cat y
    ${made}; $D exec xa sh -c 'ln -s /none/x /dg; ln -s /a/newf /dg2; ln -s ../../../../etc/passwd /up; ln -s loop /loop; mkdir /wd; echo 1 > "/wd/a b"; echo 2 > /wd/ü; n=$(printf "%0110d" 0); echo 3 > /wd/$n; mkdir -p /wd/$n.d/$n; echo 4 > /wd/$n.d/$n/x; ln -s $n$n /wd/ln'; ${files}; $D cp src/f xa:/dg; $D cp src/f xa:/dg2; $D cp -L xa:/dg -; $D cp xa:/dg/ -; $D cp -L xa:/up - | tar tf -; $D exec xa cat /a/newf; $D cp xa:/wd - | tar --numeric-owner -tvf - | sed 's/ 2.*:[0-9]*//'; $D cp xa:/wd - | wc -c; $D cp xa:/wd wd; ls wd; $D cp wd xa:/wd2; $D exec xa find /wd2
    ${made}; ${files}; $D cp src/n xa:/null; $D cp src/f xa:/null; $D cp xa:/null n2; stat -c '%A %t %T' n2; $D cp xa:/dev/null n3; $D cp src/p xa:/pp; $D cp src/f xa:/pp; $D exec xa stat -c '%A %u' /pp; $D pause xa; $D cp xa:/a/f paused; cat paused; $D unpause xa; $D stop -t0 xa; $D cp src/q xa:/after; $D start xa; $D exec xa cat /after
  `,
);
