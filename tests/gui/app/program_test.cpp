// The program itself: exit codes, and what it says where.
#include <gtest/gtest.h>

#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>

#include "tests/support/places.h"

namespace barnabas::gui {
namespace {

struct Finished {
    int code = -1;
    std::string out;
    std::string err;
};

Finished run_program(const QStringList& arguments) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(name);
    process.setProcessEnvironment(environment);
    process.start(QString::fromStdString(support::build_path("barnabas-gui")), arguments);
    EXPECT_TRUE(process.waitForFinished(120'000));
    return {process.exitCode(), process.readAllStandardOutput().toStdString(),
            process.readAllStandardError().toStdString()};
}

QString write(const QTemporaryDir& directory, const char* name, const QByteArray& text) {
    QFile file(directory.filePath(name));
    EXPECT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
    return file.fileName();
}

TEST(Program, MakesAPictureWithoutADisplay) {
    const QTemporaryDir directory;
    const QString scenario = write(directory, "a.scenario",
                                   "# A lesson.\ncluster brokers=1 seed=3\ntopic t partitions=1\n"
                                   "producer till to t rate=50/s acks=all for 2s\nrun for 3s\n");
    const QString picture = directory.filePath("a.png");
    const Finished done =
        run_program({scenario, "--screenshot", picture, "--until", "1.5s", "--size", "1000x700"});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    EXPECT_NE(done.out.find("a.png: seed 3, 1.500 000 s, event "), std::string::npos) << done.out;
    EXPECT_EQ(QImage(picture).size(), QSize(1'000, 700));
}

TEST(Program, TheSamePictureTwiceIsTheSameFile) {
    const QTemporaryDir directory;
    const QString scenario =
        write(directory, "a.scenario",
              "# A lesson.\ncluster brokers=1 seed=3\ntopic t partitions=1\nrun for 3s\n");
    for (const char* name : {"a.png", "b.png"}) {
        ASSERT_EQ(
            run_program({scenario, "--screenshot", directory.filePath(name), "--until", "1s"}).code,
            0);
    }
    QFile a(directory.filePath("a.png"));
    QFile b(directory.filePath("b.png"));
    ASSERT_TRUE(a.open(QIODevice::ReadOnly) && b.open(QIODevice::ReadOnly));
    EXPECT_EQ(a.readAll(), b.readAll());
}

TEST(Program, ABadScenarioIsTwoAndSaysWhere) {
    const QTemporaryDir directory;
    const QString scenario =
        write(directory, "bad.scenario", "# A lesson.\ncluster brokers=many\n");
    const Finished done = run_program({scenario, "--screenshot", directory.filePath("never.png")});
    EXPECT_EQ(done.code, 2);
    EXPECT_NE(done.err.find("bad.scenario:2:"), std::string::npos) << done.err;
    EXPECT_FALSE(QFile::exists(directory.filePath("never.png")));
}

TEST(Program, APictureThatCannotBeWrittenIsOne) {
    const QTemporaryDir directory;
    const QString scenario =
        write(directory, "a.scenario", "# A lesson.\ncluster brokers=1\nrun for 1s\n");
    const Finished done =
        run_program({scenario, "--screenshot", directory.filePath("no/such/place.png")});
    EXPECT_EQ(done.code, 1);
    EXPECT_NE(done.err.find("could not write"), std::string::npos) << done.err;
}

TEST(Program, HelpIsNothingWrongAndAWrongOptionIsTwo) {
    EXPECT_EQ(run_program({"--help"}).code, 0);
    EXPECT_NE(run_program({"--help"}).out.find("--screenshot"), std::string::npos);
    EXPECT_EQ(run_program({"--nonsense"}).code, 2);
}

TEST(Program, AWindowWithoutADisplayIsThree) {
    const Finished done = run_program({"any.scenario"});
    EXPECT_EQ(done.code, 3);
    EXPECT_NE(done.err.find("--screenshot"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::gui
