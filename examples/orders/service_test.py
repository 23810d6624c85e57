#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The order service does what its routes promise.

usage: service_test.py ORDERS"""
import http.client
import re
import signal
import socket
import sys
import threading

import shop
from harness.running import run

ORDERS = sys.argv[1]


def expect(answer, code, /, **members):
    assert answer.status == code and answer.headers["Content-Type"] == "application/json", answer
    for name, value in members.items():
        assert answer.json.get(name) == value, f"{name} is not {value!r} in {answer}"


def an_order_is_placed_and_read_back():
    with shop.opened(ORDERS) as service:
        client = service.client()
        expect(client.get("/health"), 200, status="ok")
        placed = client.order(item=17, quantity=3, customer="Ada Lovelace")
        expect(placed, 201, order=1, customer="Ada Lovelace", item=17, quantity=3, amount_cents=3 * 116)
        assert placed.headers["Location"] == "/orders/1", placed.headers
        expect(client.get("/orders/1"), 200, **placed.json)
        expect(client.get("/stats"), 200, orders=1, units_reserved=3, workers=16, queued=0)


def concurrent_orders_are_all_placed_each_under_a_number_of_its_own():
    each = 25
    with shop.opened(ORDERS) as service:
        placed = service.at_once(lambda client, number: [
            client.order(item=number + 1, customer=f"customer {number}").json for _ in range(each)])
        numbers = sorted(order["order"] for orders in placed for order in orders)
        assert numbers == list(range(1, shop.CLIENTS * each + 1)), numbers
        client = service.client()
        for orders in placed:
            expect(client.get(f"/orders/{orders[-1]['order']}"), 200, **orders[-1])
        expect(client.get("/stats"), 200, orders=shop.CLIENTS * each, units_reserved=shop.CLIENTS * each, queued=0)


def what_is_not_there_is_404():
    with shop.opened(ORDERS) as service:
        client = service.client()
        client.order()
        for path in ("/", "/order", "/healthy", "/orders", "/orders/2", "/orders/0", "/orders/", "/orders/x", "/orders/-1",
                     "/orders/1x", "/orders/1/1", "/orders/99999999999999999999", "/" + "x" * 2000):
            answer = client.get(path)
            expect(answer, 405 if path == "/orders" else 404)
            assert answer.json["error"], answer
        expect(client.order(item=30000 + 1), 404, error="there is no such item")


def another_method_is_405_with_the_one_allowed():
    with shop.opened(ORDERS) as service:
        client = service.client()
        for method, path, allowed in (("POST", "/health", "GET"), ("DELETE", "/orders/1", "GET"), ("PUT", "/orders", "POST")):
            answer = client.ask(method, path)
            expect(answer, 405)
            assert answer.headers["Allow"] == allowed, answer.headers


def what_is_no_order_is_400():
    bodies = ("", "{", "[]", "null", '"x"', "{}", '{"customer":"ada","item":1}', "\xff", "[" * 4000,
              '{"customer":"ada","item":1,"quantity":1}x', '{"customer":"ada","item":"1","quantity":1}',
              '{"customer":"ada","item":1,"quantity":1,"price":0}', '{"customer":"ada","item":1,"item":2,"quantity":1}',
              '{"customer":"","item":1,"quantity":1}', '{"customer":"' + 65 * "x" + '","item":1,"quantity":1}',
              '{"customer":"ada","item":1,"quantity":0}', '{"customer":"ada","item":1,"quantity":101}',
              '{"customer":"ada","item":0,"quantity":1}', '{"customer":"ada","item":-1,"quantity":1}',
              '{"customer":"ada","item":4294967297,"quantity":1}', '{"customer":"ada","item":1e300,"quantity":1}')
    with shop.opened(ORDERS) as service:
        client = service.client()
        for body in bodies:
            answer = client.ask("POST", "/orders", body.encode("latin-1"))
            expect(answer, 400)
            assert answer.json["error"], body
        expect(client.ask("POST", "/orders", b"x" * 4097), 413, error="the body is too long")
        expect(client.ask("POST", "/orders", b"x" * 1000000), 413, error="the body is too long")
        expect(client.get("/stats"), 200, orders=0, units_reserved=0)


def stock_runs_out_and_a_declined_payment_gives_it_back():
    with shop.opened(ORDERS) as service:
        client = service.client()
        expect(client.order(item=4999, quantity=100), 402, error="the payment was declined")
        expect(client.get("/stats"), 200, orders=0, units_reserved=0)
        for _ in range(10):
            expect(client.order(item=1, quantity=100), 201)
        expect(client.order(item=1, quantity=1), 409, error="the item is out of stock")
        expect(client.get("/stats"), 200, orders=10, units_reserved=1000)


def orders_outlive_the_service_and_stand_in_the_journal():
    with shop.opened(ORDERS, keeps_files=True) as service:
        placed = service.client().order(item=2, quantity=5, customer="Müller").json
        service.stop()
        assert (service.folder / "orders.journal").read_text() == "1\t2\t5\t505\tMüller\n"
        port_file = service.folder / "port"
        port_file.unlink()
        with shop.Running([ORDERS, "--data", service.folder, "--port-file", port_file]) as again:
            shop.await_that(port_file.exists, "listening", again)
            expect(shop.Client(int(port_file.read_text())).get("/orders/1"), 200, **placed)


def a_client_that_goes_away_takes_nothing_with_it():
    with shop.opened(ORDERS) as service:
        for request in (b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", b"GET /hea", b"\0\r\n\r\n", b""):
            with socket.create_connection(("127.0.0.1", service.port)) as connection:
                connection.sendall(request)
        body = b'{"customer":"ada","item":1,"quantity":1}'
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        client = service.client()
        shop.await_that(lambda: client.get("/stats").json["orders"] == 1, "an order whose customer went away")


def it_stops_cleanly_under_load():
    for by in (signal.SIGTERM, signal.SIGINT):
        with shop.opened(ORDERS) as service:
            answered, first_answers = [], threading.Barrier(shop.CLIENTS + 1)

            def order_until_the_end(client, number):
                client.order()
                first_answers.wait()
                try:
                    while True:
                        answered.append(client.order().status)
                except (ConnectionError, http.client.HTTPException):
                    pass

            clients = threading.Thread(target=service.at_once, args=[order_until_the_end])
            clients.start()
            first_answers.wait()
            ended = service.stop(by)
            clients.join()
            assert ended.exit_code == 0, ended
            assert ended.stdout == f"orders: listening on http://127.0.0.1:{service.port}\n" and not ended.stderr, ended
            assert set(answered) <= {201, 503}, answered


def a_wrong_command_line_is_explained():
    for words, told in ((["--fault", "lcok"], "--fault: there is no 'lcok'; write lock, fsync or pool"),
                        (["--fault=fsync"], "--fault fsync: there is no journal without --data FOLDER"),
                        (["--port", "65536"], "--port: '65536' is not a port; write a number from 0 to 65535"),
                        (["--port=x"], "--port: 'x' is not a port; write a number from 0 to 65535"),
                        (["x"], "'x' is one word too many; see --help")):
        ended = run(ORDERS, *words)
        assert ended.exit_code == 2 and ended.stderr == f"orders: {told}\n" and not ended.stdout, ended
    assert run(ORDERS, "--prot").exit_code == 2
    help_text = run(ORDERS, "--help")
    assert help_text.exit_code == 0 and help_text.stdout.startswith("usage: orders"), help_text


def what_cannot_be_opened_is_told():
    ended = run(ORDERS, "--data", "/nowhere/at/all")
    assert ended.exit_code == 1 and re.match("orders: /nowhere/at/all/orders.db: ", ended.stderr), ended
    ended = run(ORDERS, "--port-file", "/nowhere/port")
    assert ended.exit_code == 1 and ended.stderr == "orders: /nowhere/port: No such file or directory\n", ended
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run(ORDERS, "--port", port)
        assert ended.exit_code == 1 and f"orders: cannot listen on 127.0.0.1:{port}" in ended.stderr, ended


for test in (an_order_is_placed_and_read_back, concurrent_orders_are_all_placed_each_under_a_number_of_its_own,
             what_is_not_there_is_404, another_method_is_405_with_the_one_allowed, what_is_no_order_is_400,
             stock_runs_out_and_a_declined_payment_gives_it_back, orders_outlive_the_service_and_stand_in_the_journal,
             a_client_that_goes_away_takes_nothing_with_it, it_stops_cleanly_under_load, a_wrong_command_line_is_explained,
             what_cannot_be_opened_is_told):
    test()
    print(test.__name__)
