// Fills requests from their own descriptions: mostly with what a client would ask, so that they get
// deep, now and then with what none would: extreme strings, counts and numbers.
//
// A visitor of the same lines that encode and decode, so that an API which is new is asked too.
#pragma once

#include <string>
#include <vector>

#include "engine/protocol/field.h"
#include "engine/protocol/payload.h"
#include "engine/protocol/wire.h"
#include "tests/support/dice.h"

namespace barnabas::broker {

enum class Mood : std::uint8_t {
    honest,   // nothing is odd
    odd,      // one value in ten
    hostile,  // every second one, and one thing very often
};

// What there is to be asked about.
struct Surroundings {
    std::vector<std::string> topics;
    std::vector<Uuid> topic_ids;
};

class RequestMaker {
  public:
    RequestMaker(support::Dice& dice, std::int16_t version, bool is_flexible, Mood mood,
                 const Surroundings& around)
        : dice_(dice),
          version_(version),
          is_flexible_(is_flexible),
          mood_(mood),
          around_(around) {}

    template <class S>
    void fill(S& self) {
        S::describe(*this, self);
        if constexpr (requires { self.unknown_tags; }) {
            if (is_flexible_ && is_odd())
                self.unknown_tags.push_back({1000, Bytes::copy(extreme_text())});
        }
    }

    template <class T>
    void operator()(std::string_view name, T& value,
                    std::same_as<protocol::Attribute> auto... attributes) {
        const protocol::Field field(attributes...);
        if (!field.exists_in(version_)) return;
        if (field.is_tagged() && dice_.one_in(2)) return;
        draw(name, value, field);
    }

  private:
    template <class T>
    void draw(std::string_view name, T& value, const protocol::Field& field) {
        if constexpr (requires { value.has_value(); }) {
            value.emplace();
            if (field.is_nullable_in(version_) && dice_.one_in(mood_ == Mood::honest ? 8 : 3))
                value.reset();
            else
                draw(name, *value, field);
        } else if constexpr (std::same_as<T, bool>) {
            value = dice_.one_in(2);
        } else if constexpr (protocol::Number<T>) {
            value = static_cast<T>(number(name, std::numeric_limits<std::int64_t>::max() >>
                                                    (64 - 8 * sizeof(T))));
        } else if constexpr (std::same_as<T, std::string>) {
            value = text(name, field);
        } else if constexpr (std::same_as<T, Uuid>) {
            value = topic_id();
        } else if constexpr (std::same_as<T, Bytes>) {
            value = Bytes::copy(extreme_text());
        } else if constexpr (std::same_as<T, protocol::Records>) {
            value = records();
        } else if constexpr (requires { value.emplace_back(); }) {
            draw_list(name, value, field);
        } else {
            fill(value);
        }
    }

    // The bodies are in the header as each message has lists of its own; what they draw is not.
    template <class List>
    void draw_list(std::string_view name, List& list, const protocol::Field& field) {
        list.resize(count());
        for (auto& element : list) draw(name, element, field);
        if (list.empty() || mood_ != Mood::hostile || dice_.one_in(2)) return;
        // One thing, very often.
        const std::size_t room = std::exchange(repetitions_left_, 0);
        if (room > 0) list.resize(1 + dice_.below(room), list.front());
    }

    bool is_odd() {
        return mood_ != Mood::honest && dice_.one_in(mood_ == Mood::odd ? 10 : 2);
    }
    std::size_t count() { return is_odd() ? dice_.below(8) : 1 + dice_.below(2); }
    std::int64_t number(std::string_view name, std::int64_t most);
    std::string text(std::string_view name, const protocol::Field& field);
    std::string extreme_text();
    Uuid topic_id();
    protocol::Records records();

    support::Dice& dice_;
    std::int16_t version_;
    bool is_flexible_;
    Mood mood_;
    const Surroundings& around_;
    std::size_t repetitions_left_ = 400;
};

}  // namespace barnabas::broker
