"""One of several processes that want the last slot: `python -m tests.rooms.appointments.race AT FIRST COUNT START`."""

import sys
import threading
import time

import django


def main() -> None:
    django.setup()
    from django.db import connections, transaction

    from clavero import clock
    from clavero.appointments import queries, services
    from clavero.appointments.models import Centre
    from clavero.appointments.services import Holder, Reach
    from clavero.core.errors import Refused

    at, first, count, start = (float(part) for part in sys.argv[1:])
    answers: list[str] = []

    def want(n: int) -> None:
        try:
            centre, wanted = Centre.objects.get(code="ultimo"), queries.rules().services[0]
            holder = Holder(n, f"person {n}", f"number {n}")
            held = services.hold(holder, centre, int(at), wanted, clock.now())
            with transaction.atomic():
                services.book(held, clock.now(), Reach("email", f"{n}@a.example", f"lookup {n}"))
            answers.append("booked")
        except Refused as refused:
            answers.append(refused.code)
        except Exception as error:  # whatever else it is, the test wants to read it
            answers.append(repr(error))
        finally:
            connections.close_all()

    numbers = range(int(first), int(first + count))
    threads = [threading.Thread(target=want, args=(n,)) for n in numbers]
    time.sleep(max(0.0, start - time.time()))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(answers))


if __name__ == "__main__":
    main()
