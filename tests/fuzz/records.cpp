// libFuzzer on one of the readers of records: BARNABAS_READER names what is called.
#include "tests/fuzz/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    barnabas::fuzz::BARNABAS_READER({data, size});
    return 0;
}
