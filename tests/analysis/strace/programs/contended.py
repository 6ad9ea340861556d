"""Three threads take one lock, and hold it long enough for the others to wait."""

import threading
import time

lock = threading.Lock()


def work() -> None:
    for _ in range(3):
        with lock:
            time.sleep(0.01)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
