import Foundation
import Logging
import ServiceKit
import Synchronization
import Testing

@Suite struct LogLinesTests {
    /// What a logger of this format writes for one event.
    private func lines(
        _ format: ServiceSettings.LogFormat, level: Logger.Level = .info, _ log: (inout Logger) -> Void
    ) -> String {
        final class Sink: Sendable { let text = Mutex("") }
        let sink = Sink()
        var logger = Logger(label: "colloquy.codec") {
            LogLines(
                label: $0, level: level, format: format, now: { Date(timeIntervalSince1970: 1.5) },
                write: { line in sink.text.withLock { $0 += line } })
        }
        log(&logger)
        return sink.text.withLock { $0 }
    }

    @Test func writesOneLineWithTimeLevelLabelMessageAndMetadata() {
        let line = lines(.text) { logger in
            logger[metadataKey: "worker"] = "7"
            logger.warning("slot lost", metadata: ["method": "codec.Decode", "cause": "two words"])
        }
        #expect(
            line
                == "1970-01-01T00:00:01.500Z warning colloquy.codec: slot lost cause=\"two words\" method=codec.Decode worker=7\n"
        )
    }

    @Test func writesJSONThatReadsBack() throws {
        let line = lines(.json) { $0.info("said \"no\"\n\\", metadata: ["level": "mine", "a": "\u{1B}[31m"]) }
        #expect(line.filter { $0 == "\n" }.count == 1)
        let read = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(read["message"] == "said \"no\"\n\\")
        #expect(read["level"] == "info")
        #expect(read["_level"] == "mine")
        #expect(read["a"] == "\u{1B}[31m")
    }

    /// A name from the network must neither forge a line nor steer the terminal of whoever reads the log.
    @Test func escapesWhatWouldEndALineOrSteerATerminal() {
        let line = lines(.text) { $0.info("a\nb", metadata: ["name": "x\r\u{1B}]0;t\u{7}"]) }
        #expect(line.dropLast().allSatisfy { !$0.isNewline && $0 != "\u{1B}" && $0 != "\u{7}" })
        #expect(line.contains("a\\u000ab"))
    }

    @Test func leavesOutWhatIsBelowItsLevel() {
        #expect(lines(.text, level: .warning) { $0.info("quiet") } == "")
    }
}
