/* notify.h - tells systemd that the node is ready or stopping (sd_notify(3), Type=notify), without its
 * library. */
#pragma once

/* "READY=1".  Without NOTIFY_SOCKET, or when nobody listens there, nothing happens. */
void notify_manager(const char *state);
