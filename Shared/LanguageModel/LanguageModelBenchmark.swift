package import Checkpoint
package import Compute
internal import Tokens

/// How fast a model reads and makes rows here: what `colloquy bench` prints.
package struct LanguageModelBenchmark: Sendable {
    /// Rows of a prompt per second.
    package let prefillRowsPerSecond: Double
    /// Steps per second of one sequence behind that prompt; 12.5 are real time.
    package let stepsPerSecond: Double
    /// Rows per second of `streams` sequences together.
    package let batchedRowsPerSecond: Double
    package let streams: Int
    /// Bytes of weights that a step reads.
    package let weightBytes: Int

    /// Runs the passes, without sampling.
    ///
    /// - Parameters:
    ///   - promptRows: Rows to prefill, and the depth at which steps are timed.
    ///   - steps: To time; one more warms up.
    package static func run(
        _ source: any TensorSource, _ configuration: LanguageModelConfiguration, device: CPUDevice,
        promptRows: Int = 256, steps: Int = 16, streams: Int = 4
    ) throws -> LanguageModelBenchmark {
        precondition(promptRows > 0 && steps > 0 && streams > 0, "nothing to time")
        let model = try LanguageModel(source, configuration: configuration, device: device)
        let pages = model.cacheLayout.pages(forRows: promptRows + 2 * steps + 2)
        let stock = KeyValuePages(layout: model.cacheLayout, capacity: pages * streams)
        let scratch = ForwardScratch(model, rowsMax: 64 + streams, logitRowsMax: streams)
        let grid = TokenGrid(
            channels: configuration.channels,
            ids: (0..<promptRows * configuration.channels).map { Int32($0 % configuration.speechVocabularySize) })
        let caches = (0..<streams).map { _ in KeyValueCache(stock) }

        func pass(_ caches: [KeyValueCache], _ rows: Range<Int>) {
            for cache in caches {
                let isReserved = cache.reserve(rows.count)
                precondition(isReserved, "the benchmark counted its pages wrong")
            }
            let parts = caches.map { SequenceRows(cache: $0, grid: grid, rows: rows, logitRows: 1) }
            ForwardPass.run(model, parts, scratch)
        }
        func prefill(_ cache: KeyValueCache) {
            for start in stride(from: 0, to: promptRows, by: 64) { pass([cache], start..<min(start + 64, promptRows)) }
        }
        func perSecond(_ count: Int, _ body: () -> Void) -> Double {
            let elapsed = ContinuousClock().measure(body).components
            return Double(count) / (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
        }

        pass([caches[0]], 0..<1)  // maps the weights
        let prefillRate = perSecond(promptRows) { prefill(caches[0]) }
        let stepRate = perSecond(steps) { for _ in 0..<steps { pass([caches[0]], 0..<1) } }
        for cache in caches.dropFirst() { prefill(cache) }
        let batchRate = perSecond(steps * streams) { for _ in 0..<steps { pass(caches, 0..<1) } }
        return LanguageModelBenchmark(
            prefillRowsPerSecond: prefillRate, stepsPerSecond: stepRate, batchedRowsPerSecond: batchRate,
            streams: streams, weightBytes: model.weightBytes)
    }
}
