internal import Checkpoint
internal import Compute

/// Chooses the ids of several requests at once, on the model's threads.
///
/// - Invariant: Every task writes its own choice and uses its own scratch, and `choose` returns when all have; that is why
///   the work may hold `choices` and run on several threads.
final class Sampler {
    private let model: LanguageModel
    /// `[rows, channels]`, negative where the scores hold no number.
    private let choices: UnsafeMutableBufferPointer<Int32>
    /// As many.
    private let scratches: [SamplingScratch]

    init(_ model: LanguageModel, rowsMax: Int) {
        self.model = model
        let channels = model.configuration.channels
        choices = .allocate(capacity: rowsMax * channels)
        choices.initialize(repeating: -1)
        scratches = (0..<rowsMax * channels).map {
            SamplingScratch(vocabulary: model.configuration.vocabulary(of: $0 % channels))
        }
    }

    deinit { choices.deallocate() }

    static func bytes(_ model: LanguageModel, rowsMax: Int) -> Int {
        rowsMax
            * (0..<model.configuration.channels).reduce(0) {
                $0 + SamplingScratch.bytes(vocabulary: model.configuration.vocabulary(of: $1))
            }
    }

    /// - Parameter scratch: Holds the logits of each request's next row, in the order of `requests`; overwritten.
    func choose(for requests: [RunningRequest], from scratch: ForwardScratch) {
        guard !requests.isEmpty else { return }
        let channels = model.configuration.channels
        var scores = 0
        for channel in 0..<channels { scores += requests.count * model.configuration.vocabulary(of: channel) }
        let work = Choosing(
            requests: requests, logits: scratch, choices: choices, scratches: scratches, channels: channels)
        // A score is looked at several times over.
        model.device.run(tasks: requests.count * channels, products: 16 * scores, work)
    }

    /// One id per channel for the `index`-th request.
    func choices(of index: Int) -> [Int32] {
        let channels = model.configuration.channels
        return Array(choices[index * channels..<(index + 1) * channels])
    }

    private struct Choosing: PoolWork {
        let requests: [RunningRequest]
        let logits: ForwardScratch
        let choices: UnsafeMutableBufferPointer<Int32>
        let scratches: [SamplingScratch]
        let channels: Int

        func perform(_ task: Int) {
            let (index, channel) = task.quotientAndRemainder(dividingBy: channels)
            let request = requests[index]
            let chosen = request.processors[channel].choose(
                logits.logits(channel: channel, row: index), blocked: request.state.blocked(channel),
                history: request.state.history(channel), scratch: scratches[task]
            ) {
                Philox.uniform(seed: request.submission.request.seed, step: request.state.step, channel: channel)
            }
            choices[task] = chosen ?? -1
        }
    }
}
