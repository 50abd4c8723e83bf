/// In which order a clip becomes mono at another rate. Both are linear, so they differ by rounding only; codes are
/// compared bit for bit, so rounding matters.
public enum MonoOrder: Sendable, CaseIterable {
    /// Each channel resampled, then averaged: how the language model's pipeline loads prompts (model.md 2.2).
    case resampleThenAverage
    /// Averaged, then resampled: how the codec's own command line loads files.
    case averageThenResample
}

extension AudioClip {
    /// Every channel at `targetRate`.
    ///
    /// - Throws: `AudioError.cannotResample` for a rate outside `Resampler.sampleRates`.
    public func resampled(to targetRate: Int) throws(AudioError) -> AudioClip {
        var resampled: [[Float]] = []
        for channel in channels {
            resampled.append(try Resampler.resample(channel, from: sampleRate, to: targetRate))
        }
        return try AudioClip(sampleRate: targetRate, channels: resampled)
    }

    /// The arithmetic mean of the channels, summed in their order.
    public func averaged() -> AudioClip {
        guard channels.count > 1 else { return self }
        var sums = channels[0]
        for channel in channels.dropFirst() {
            for index in sums.indices { sums[index] += channel[index] }
        }
        let count = Float(channels.count)
        return AudioClip(sampleRate: sampleRate, mono: sums.map { $0 / count })
    }

    /// One channel at `targetRate`.
    public func mono(at targetRate: Int, order: MonoOrder = .resampleThenAverage) throws(AudioError) -> [Float] {
        switch order {
        case .resampleThenAverage: try resampled(to: targetRate).averaged().channels[0]
        case .averageThenResample: try averaged().resampled(to: targetRate).channels[0]
        }
    }
}
