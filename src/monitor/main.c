/* nerdctl-monitor: one small static program with several personalities, chosen by its arguments. */
#include "monitor.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  bool fifo_mode = false;
  if (argc == 2 && strcmp(argv[1], "host") == 0) return host_main();
  if (argc == 2 && strcmp(argv[1], "copy") == 0) return copy_main();
  if (argc > 2 && strcmp(argv[1], "enter") == 0) return enter_main(argv + 2);
  if (argc > 3 && strcmp(argv[1], "in-network") == 0) return in_network_main(argv[2], argv + 3);
  if (argc > 1 && strcmp(argv[1], "fifo") == 0) {
    fifo_mode = true;
    argc--;
    argv++;
  }
  /* containerd's shim makes the arguments out of the query of the logger's URI: key, value. */
  if (argc == 3 && strcmp(argv[1], "dir") == 0) return holder_main(argv[2], fifo_mode);
  fputs("usage: nerdctl-monitor host | copy | [fifo] dir STATE_DIR | enter COMMAND | in-network NAMESPACE COMMAND\n", stderr);
  return 2;
}
