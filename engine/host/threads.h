// Threads beside the loop's.
#pragma once

#include <pthread.h>

#include <csignal>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace barnabas::host {

// Not joinable when the system has no room for one more. No signal comes to it but those of its own
// faults: the others are the loop's. (A new thread inherits what is blocked here.)
template <class Work>
std::thread begin_thread(Work work) {
    sigset_t all, before;
    sigfillset(&all);
    for (const int fatal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fatal);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread;
    try {
        thread = std::thread(std::move(work));
    } catch (const std::system_error&) {
        // The caller tries again.
    } catch (const std::bad_alloc&) {
        // So it does then.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace barnabas::host
