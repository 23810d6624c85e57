/* SPDX-License-Identifier: Apache-2.0 */
#include "base/peer_name.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static void unix_name(const struct sockaddr_un *address, size_t size, char out_text[PEER_NAME_MAX])
{
	size_t path_size = size - offsetof(struct sockaddr_un, sun_path);
	const char *path = address->sun_path;
	if (path_size == 0)
		snprintf(out_text, PEER_NAME_MAX, "unix socket");
	else if (path[0] == 0)
		snprintf(out_text, PEER_NAME_MAX, "unix:@%.*s", (int)(path_size - 1), path + 1);
	else
		snprintf(out_text, PEER_NAME_MAX, "unix:%.*s", (int)path_size, path);
}

int peer_name(const void *address, size_t size, char out_text[PEER_NAME_MAX])
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	} peer = {0};
	out_text[0] = 0;
	if (size < sizeof peer.any.sa_family)
		return 0;
	if (size > sizeof peer)
		size = sizeof peer;
	memcpy(&peer, address, size);

	char host[INET6_ADDRSTRLEN];
	switch (peer.any.sa_family) {
	case AF_UNSPEC:
		return 0;
	case AF_INET:
		inet_ntop(AF_INET, &peer.v4.sin_addr, host, sizeof host);
		snprintf(out_text, PEER_NAME_MAX, "%s:%u", host, ntohs(peer.v4.sin_port));
		return 1;
	case AF_INET6:
		inet_ntop(AF_INET6, &peer.v6.sin6_addr, host, sizeof host);
		snprintf(out_text, PEER_NAME_MAX, "[%s]:%u", host, ntohs(peer.v6.sin6_port));
		return 1;
	case AF_UNIX:
		unix_name(&peer.local, size < sizeof peer.local ? size : sizeof peer.local, out_text);
		return 1;
	default:
		snprintf(out_text, PEER_NAME_MAX, "family %u", peer.any.sa_family);
		return 1;
	}
}
