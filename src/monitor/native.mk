# The native monitor; included by the top Makefile, also usable alone: make -f src/monitor/native.mk
MONITOR := build/libexec/nerdctl-monitor
MONITOR_SOURCES := $(sort $(wildcard src/monitor/*.c))
MONITOR_CFLAGS ?= -Os -g0
MONITOR_WARNINGS := -std=c11 -Wall -Wextra -Werror

.PHONY: monitor
monitor: $(MONITOR)

# Static, so that a container's monitor keeps working while the host's libc is upgraded and costs few pages;
# dynamic where libc.a is not installed. Moved into place: a running monitor must not make the build fail (ETXTBSY).
$(MONITOR): $(MONITOR_SOURCES) $(wildcard src/monitor/*.h) src/monitor/native.mk
	@mkdir -p $(@D)
	@static=-static; echo 'int main(void) { return 0; }' | $(CC) -static -x c -o $@.tmp - 2>/dev/null || \
	  { static=; echo 'no static libc: linking $@ dynamically' >&2; }; \
	$(CC) $(MONITOR_WARNINGS) $(MONITOR_CFLAGS) $$static -s -o $@.tmp $(MONITOR_SOURCES)
	@mv $@.tmp $@
