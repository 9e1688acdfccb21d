#include "engine/log/jobs.h"

#include "engine/records/validate.h"

namespace barnabas::log {

Bytes compute(const effect::Compute& job) {
    if (static_cast<Job>(job.what) == Job::validate_produced)
        return records::compute_validation(job.terms, job.input);
    return compute_on_batch(job);
}

}  // namespace barnabas::log
