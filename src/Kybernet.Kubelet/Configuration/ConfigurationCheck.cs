using Kybernet.Kubelet.Eviction;

namespace Kybernet.Kubelet.Configuration;

/// <summary>Refuses fields that make no sense together.</summary>
internal static class ConfigurationCheck
{
    /// <exception cref="FormatException">Some do not.</exception>
    public static void Run(KubeletOptions options)
    {
        EvictionThreshold.Of(options);
        CheckImageCollection(options);
        CheckShutdown(options);
    }

    private static void CheckShutdown(KubeletOptions options)
    {
        var (all, critical) = (options.ShutdownGrace, options.ShutdownGraceCritical);
        var second = TimeSpan.FromSeconds(1);
        Require(critical <= all, "shutdownGracePeriod must be >= shutdownGracePeriodCriticalPods");
        Require(all == TimeSpan.Zero || all >= second, "shutdownGracePeriod must be either zero or otherwise >= 1 sec");
        Require(critical == TimeSpan.Zero || critical >= second, "shutdownGracePeriodCriticalPods must be either zero or otherwise >= 1 sec");
        Require(
            options.ShutdownPeriods.Count == 0 || all == TimeSpan.Zero, "Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time");
    }

    private static void CheckImageCollection(KubeletOptions options)
    {
        var (high, low) = (options.ImageCollectionHighPercent, options.ImageCollectionLowPercent);
        Require(high is >= 0 and <= 100, $"imageGCHighThresholdPercent (--image-gc-high-threshold) {high} must be between 0 and 100, inclusive");
        Require(low is >= 0 and <= 100, $"imageGCLowThresholdPercent (--image-gc-low-threshold) {low} must be between 0 and 100, inclusive");
        Require(
            low < high, $"imageGCLowThresholdPercent (--image-gc-low-threshold) {low} must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) {high}");
        Require(options.ImageMaximumAge >= TimeSpan.Zero, "imageMaximumGCAge must not be negative");
        Require(
            options.ImageMaximumAge == TimeSpan.Zero || options.ImageMaximumAge > options.ImageMinimumAge, "imageMaximumGCAge must be greater than imageMinimumGCAge");
    }

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new FormatException($"invalid configuration: {otherwise}");
        }
    }
}
