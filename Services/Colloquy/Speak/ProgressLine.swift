import Contracts
import Foundation
import ServiceKit
import Synchronization

/// The line on a terminal that tells how far the dialogues are; silent where nobody watches.
final class ProgressLine: Sendable {
    private struct State {
        /// Seconds of sound made, by dialogue that is under way.
        var underWay: [String: Double] = [:]
        var secondsOfEnded = 0.0
        /// Of all dialogues, by the length of their scripts.
        var secondsExpected = 0.0
        var stage = ""
        var shown = 0
        var lastShown = ContinuousClock.now - .seconds(1)
    }

    /// Notes and the line stand on standard error: standard output is for results.
    private let isQuiet: Bool
    private let isLive: Bool
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    /// - Parameter isQuiet: Tells nothing at all.
    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isLive = !isQuiet && isatty(STDERR_FILENO) != 0
    }

    /// Something worth a line of its own.
    @Sendable func note(_ text: String) {
        guard !isQuiet else { return }
        clear()
        StandardError.write("\(text)\n")
    }

    /// What is going to be said, so that the time left can be told.
    func expect(seconds: Double) { state.withLock { $0.secondsExpected += seconds } }

    func update(_ dialogue: String, _ item: SpeakItem) {
        guard isLive else { return }
        let line: String? = state.withLock { state in
            state.underWay[dialogue] = item.secondsMade
            state.stage = item.stage.rawValue
            let now = ContinuousClock.now
            guard now - state.lastShown >= .milliseconds(100) else { return nil }
            state.lastShown = now
            return words(state)
        }
        if let line { show(line) }
    }

    func end(_ dialogue: String) {
        state.withLock { $0.secondsOfEnded += $0.underWay.removeValue(forKey: dialogue) ?? 0 }
    }

    /// Removes the line.
    func finish() { clear() }

    private func words(_ state: State) -> String {
        let made = state.secondsOfEnded + state.underWay.values.reduce(0, +)
        let elapsed = (ContinuousClock.now - began) / .seconds(1)
        let several = state.underWay.count > 1 ? " in \(state.underWay.count) dialogues" : ""
        guard made > 0 else { return "\(state.stage) … \(elapsed.places(1)) s" }
        let factor = elapsed / made
        let left = state.secondsExpected - made
        let rest = left > 0 ? ", about \((left * factor).places(0)) s left" : ""
        return "\(made.places(1)) s of sound\(several), real-time factor \(factor.places(2))\(rest)"
    }

    private func show(_ line: String) {
        let pad = state.withLock { state in
            defer { state.shown = line.count }
            return max(0, state.shown - line.count)
        }
        StandardError.write("\r" + line + String(repeating: " ", count: pad))
    }

    private func clear() {
        let shown = state.withLock { state in
            defer { state.shown = 0 }
            return state.shown
        }
        guard shown > 0 else { return }
        StandardError.write("\r" + String(repeating: " ", count: shown) + "\r")
    }
}
