// Brokers come, come to serve, and go: their registrations, and what that does to the partitions
// that they lead.
//
// A broker that registers is fenced: it leads nothing until it asks to be unfenced, with its logs
// open. So the leader epoch of a partition with one replica rises by two when its broker restarts,
// as in Apache Kafka: once when the broker's earlier life is over, once when the new one is
// elected. The records and their batches are Apache Kafka's 4.4.0 (without eligible leader
// replicas):
//     a crash           PartitionChange leader -1 ..., BrokerRegistrationChange fenced
//     a clean stop      BrokerRegistrationChange in shutdown, PartitionChange leader -1 ...
//                       then, in a batch of its own, BrokerRegistrationChange fenced
//     a start           RegisterBroker
//     it may serve      BrokerRegistrationChange unfenced, PartitionChange leader ...
// After a crash Apache Kafka waits for the end of the broker's session before it fences; a node
// that is its own controller knows better.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/metadata/assignment.h"
#include "engine/metadata/image.h"

namespace barnabas::controller {

struct Registration {
    NodeId id;
    Uuid incarnation;
    std::vector<metadata::Listener> listeners;
    std::optional<std::string> rack;
    std::vector<Uuid> directories;  // those that are online
};

// The broker's registration, fenced. Its epoch is the offset that the record will have.
std::vector<metadata::Record> decide_registration(const Registration& broker, Offset at);
// Its life is over. Nothing when it is not registered, or fenced.
std::vector<metadata::Record> decide_fence(const metadata::Image& latest, NodeId broker);
// It serves from now on. With `has_offline_directories` it leads nothing whose copy is in none of
// its registered directories. Nothing when it is not registered, or unfenced.
std::vector<metadata::Record> decide_unfence(const metadata::Image& latest, NodeId broker,
                                             bool has_offline_directories);
// It will go: it leads nothing any more. Nothing when it is not registered, or on its way already.
std::vector<metadata::Record> decide_controlled_shutdown(const metadata::Image& latest,
                                                         NodeId broker);

// Only these directories of the broker are left: what it led in others has no leader here any more
// (the offline directories of a heartbeat).
std::vector<metadata::Record> decide_directories(const metadata::Image& latest, NodeId broker,
                                                 const std::vector<Uuid>& online);
// The broker has put its copies there (AssignReplicasToDirs). Nothing of what is gone.
std::vector<metadata::Record> decide_assignments(const metadata::Image& latest, NodeId broker,
                                                 const std::vector<metadata::Assignment>& made);

}  // namespace barnabas::controller
