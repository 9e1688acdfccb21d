// The tables of fields of Apache Kafka's messages, as a text that ours are held against.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {

// The structs that several fields share stand in an order of their own: here by name.
inline std::string sorted_by_struct(const std::string& table) {
    std::vector<std::string> parts(1);
    std::size_t at = 0;
    while (at < table.size()) {
        const std::size_t end = table.find('\n', at) + 1;
        if (table.compare(at, 9, "  struct ") == 0) parts.emplace_back();
        parts.back() += table.substr(at, end - at);
        at = end;
    }
    std::sort(parts.begin() + 1, parts.end());
    std::string sorted;
    for (const std::string& part : parts) sorted += part;
    return sorted;
}

// Spelled differently, meant alike.
inline std::string in_our_spelling(std::string line) {
    const std::pair<std::string, std::string> spellings[] = {
        {"0x7fffffff", "2147483647"},
        {"on controller,broker", "on broker,controller"},
        {"  latest-unstable false", ""},
    };
    for (const auto& [from, to] : spellings) {
        const auto at = line.find(from);
        if (at != std::string::npos) line.replace(at, from.size(), to);
    }
    return line;
}

// By message name; without the messages that have no version.
inline std::map<std::string, std::string> table_facts() {
    std::map<std::string, std::string> tables;
    for (const auto& entry : std::filesystem::directory_iterator(data_path("messages"))) {
        std::ifstream file(entry.path());
        std::string name;
        for (std::string line; std::getline(file, line);) {
            if (line.empty()) continue;
            if (line[0] != ' ') {
                const auto begin = line.find("  ") + 2;
                name = line.substr(begin, line.find("  ", begin) - begin);
            }
            tables[name] += in_our_spelling(line) + '\n';
        }
    }
    std::erase_if(tables, [](const auto& table) {
        return table.second.find("versions none") != std::string::npos;
    });
    for (auto& [name, table] : tables) table = sorted_by_struct(table);
    return tables;
}

}  // namespace barnabas::protocol
