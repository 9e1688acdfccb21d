// Messages that Apache Kafka's own classes serialised: name, version, value as JSON, bytes.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "tests/support/places.h"

namespace barnabas::protocol {

struct Vector {
    std::string name;
    std::int16_t version = 0;
    std::string json;
    Bytes bytes;
};

inline std::string to_hex(ByteView bytes) {
    std::string hex;
    for (const std::uint8_t byte : bytes) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
    }
    return hex;
}

inline Bytes from_hex(std::string_view hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const std::string pair(hex.substr(i, 2));
        bytes.push_back(static_cast<std::uint8_t>(std::strtoul(pair.c_str(), nullptr, 16)));
    }
    return Bytes::own(std::move(bytes));
}

inline std::vector<std::string> split_tabs(const std::string& line) {
    std::vector<std::string> parts(1);
    for (const char c : line) {
        if (c == '\t') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

inline std::string data_path(std::string_view file) {
    return support::source_path("tests/engine/protocol/data/" + std::string(file));
}

inline const std::vector<Vector>& all_vectors() {
    static const std::vector<Vector> vectors = [] {
        std::vector<Vector> all;
        for (const auto* name : {"vectors.tsv", "vectors-more.tsv"}) {
            std::ifstream file(data_path(name));
            for (std::string line; std::getline(file, line);) {
                const auto parts = split_tabs(line);
                if (parts.size() != 4) continue;
                const auto version = static_cast<std::int16_t>(std::stoi(parts[1]));
                all.push_back({parts[0], version, parts[2], from_hex(parts[3])});
            }
        }
        return all;
    }();
    return vectors;
}

}  // namespace barnabas::protocol
