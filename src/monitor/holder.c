#include "monitor.h"
int holder_main(const char *state_dir, bool fifo_mode) { (void)state_dir; (void)fifo_mode; return 1; }
