// What is wrong, or worth a warning, in what a person wrote, and where it stands.
#pragma once

#include <string>

namespace barnabas::settings {

struct Place {
    std::string file;  // a file's name, or "--set"
    int line = 0;      // from 1; 0 where there are no lines
    int column = 0;    // from 1, counted in characters

    friend bool operator==(const Place&, const Place&) = default;
};

struct Problem {
    Place place;
    std::string name;  // of the setting, when it is about one
    std::string text;

    // "server.properties:3:16: num.partitions: 0 is too small: at least 1 is needed"
    std::string print() const;
    friend bool operator==(const Problem&, const Problem&) = default;
};

using Warning = Problem;

}  // namespace barnabas::settings
