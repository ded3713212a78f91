"""Every Lambda entry point of the back end, a line or two each. Nothing else lives here.

Chalice's WebSocket handlers do not work from a Blueprint, and its queue and schedule handlers would bypass this file on
AWS: so all that is not REST is declared here.
"""

from typing import Any

from chalice.app import Chalice, Rate

from chalicelib.entrypoints.rest.doors import AREAS

app = Chalice(app_name="tavernai-plus", debug=False)
app.experimental_feature_flags.update(["BLUEPRINTS", "WEBSOCKETS"])
app.api.binary_types += ["image/webp", "image/apng", "image/avif", "application/x-ndjson"]
for area in AREAS:
    app.register_blueprint(area)


@app.on_ws_connect()
def socket_connect(event: Any) -> Any:
    from chalicelib.entrypoints import socket

    return socket.connect(event.to_dict())


@app.on_ws_message()
def socket_message(event: Any) -> Any:
    from chalicelib.entrypoints import socket

    return socket.message(event.to_dict())


@app.on_ws_disconnect()
def socket_disconnect(event: Any) -> Any:
    from chalicelib.entrypoints import socket

    return socket.disconnect(event.to_dict())


@app.on_sqs_message(queue="tavern-generations", batch_size=10)
def generate(event: Any) -> Any:
    from chalicelib.entrypoints import worker

    return worker.generate(event.to_dict(), event.context)


@app.on_sqs_message(queue="tavern-jobs", batch_size=1)
def work(event: Any) -> Any:
    from chalicelib.entrypoints import jobs

    return jobs.work(event.to_dict(), event.context)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: Any) -> None:
    from chalicelib.entrypoints import schedule

    schedule.run(event.to_dict())
