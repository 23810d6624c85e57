/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request:
 *
 *	RECEIVING ──body complete: suspend──► WORKING ──routes_answer: resume──► ANSWERED ──► sent, freed
 *
 * libmicrohttpd calls server_on_request for each step of it; a suspended connection is left alone until it is
 * resumed. So a request is always in the hands of one thread, and its state needs no lock.
 */
#include "server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KEEP_ALIVE_S = 30, STOP_PATIENCE_S = 5 };

struct server {
	struct service *service;
	struct MHD_Daemon *daemon;
	atomic_bool is_stopping; /* each answer closes its connection from now on */
	pthread_mutex_t lock;    /* guards the rest */
	pthread_cond_t all_sent;
	unsigned under_way; /* requests that are complete, and their answers not yet sent */
};

struct request {
	struct job job;
	struct server *server;
	struct MHD_Connection *connection;
	struct exchange exchange;
	enum { RECEIVING, WORKING, ANSWERED } state;
	bool is_under_way;
	char body[REQUEST_BODY_MAX];
};

static struct request *request_create(struct server *server, struct MHD_Connection *connection,
				      const char *method, const char *path)
{
	struct request *request = malloc(sizeof *request);
	if (!request)
		return NULL;
	request->server = server;
	request->connection = connection;
	request->exchange = (struct exchange){.method = method, .path = path, .body = request->body};
	request->state = RECEIVING;
	request->is_under_way = false;
	return request;
}

static void request_begin_work(struct request *request)
{
	struct server *server = request->server;
	request->is_under_way = true;
	pthread_mutex_lock(&server->lock);
	server->under_way++;
	pthread_mutex_unlock(&server->lock);
}

static void request_end_work(struct request *request)
{
	struct server *server = request->server;
	pthread_mutex_lock(&server->lock);
	if (--server->under_way == 0)
		pthread_cond_signal(&server->all_sent);
	pthread_mutex_unlock(&server->lock);
}

static void request_destroy(struct request *request)
{
	if (request->is_under_way)
		request_end_work(request);
	free(request->exchange.text);
	free(request);
}

/* Of a body that is too long, the rest is read and forgotten. */
static void request_receive(struct request *request, const char *bytes, size_t size)
{
	struct exchange *exchange = &request->exchange;
	if (request->state == ANSWERED)
		return;
	if (size > sizeof request->body - exchange->body_size) {
		answer_error(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
		request->state = ANSWERED;
		return;
	}
	memcpy(request->body + exchange->body_size, bytes, size);
	exchange->body_size += size;
}

/* In a worker. */
static void request_run(struct job *job)
{
	struct request *request = (struct request *)((char *)job - offsetof(struct request, job));
	routes_answer(request->server->service, &request->exchange);
	request->state = ANSWERED;
	MHD_resume_connection(request->connection);
}

static void request_hand_over(struct request *request)
{
	request_begin_work(request);
	request->state = WORKING;
	request->job.run = request_run;
	MHD_suspend_connection(request->connection);
	if (workers_submit(&request->server->service->workers, &request->job))
		return;
	answer_error(&request->exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "the service is stopping");
	request->state = ANSWERED;
	MHD_resume_connection(request->connection);
}

static enum MHD_Result request_send(struct request *request)
{
	struct exchange *exchange = &request->exchange;
	unsigned status = exchange->text ? exchange->status : MHD_HTTP_INTERNAL_SERVER_ERROR;
	size_t size = exchange->text ? strlen(exchange->text) : 0;
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, exchange->text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	exchange->text = NULL; /* it is the response's now */
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	if (exchange->location[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, exchange->location);
	if (exchange->allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, exchange->allow);
	if (request->server->is_stopping)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	enum MHD_Result result = MHD_queue_response(request->connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result server_on_request(void *argument, struct MHD_Connection *connection, const char *path,
					 const char *method, const char *version, const char *upload,
					 size_t *upload_size, void **request_place)
{
	(void)version;
	struct request *request = *request_place;
	if (!request) {
		*request_place = request_create(argument, connection, method, path);
		return *request_place ? MHD_YES : MHD_NO;
	}
	if (*upload_size) {
		request_receive(request, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (request->state == ANSWERED)
		return request_send(request);
	request_hand_over(request);
	return MHD_YES;
}

static void server_on_completed(void *argument, struct MHD_Connection *connection, void **request_place,
				enum MHD_RequestTerminationCode how)
{
	(void)argument, (void)connection, (void)how;
	if (*request_place)
		request_destroy(*request_place);
	*request_place = NULL;
}

static void server_destroy(struct server *server)
{
	pthread_cond_destroy(&server->all_sent);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

struct server *server_start(struct service *service, uint16_t port)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->service = service;
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->all_sent, NULL);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	server->daemon =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
				 port, NULL, NULL, server_on_request, server, MHD_OPTION_SOCK_ADDR, &address,
				 MHD_OPTION_NOTIFY_COMPLETED, server_on_completed, NULL,
				 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)KEEP_ALIVE_S, MHD_OPTION_END);
	if (!server->daemon) {
		int error = errno;
		server_destroy(server);
		errno = error;
		return NULL;
	}
	return server;
}

uint16_t server_port(const struct server *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void server_await_answers(struct server *server)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_PATIENCE_S;
	pthread_mutex_lock(&server->lock);
	while (server->under_way && pthread_cond_timedwait(&server->all_sent, &server->lock, &until) == 0)
		;
	pthread_mutex_unlock(&server->lock);
}

void server_stop(struct server *server)
{
	server->is_stopping = true;
	MHD_socket listener = MHD_quiesce_daemon(server->daemon);
	server_await_answers(server);
	/* libmicrohttpd must not be stopped while a request is with a worker. */
	workers_stop(&server->service->workers);
	MHD_stop_daemon(server->daemon);
	if (listener != MHD_INVALID_SOCKET)
		close(listener);
	server_destroy(server);
}
