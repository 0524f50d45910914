using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Stats;

/// <summary>Looks every few seconds at what is used, so that whoever asks learns how much that is in a second.</summary>
internal sealed partial class UsageSampler(IContainerRuntime runtime, TimeProvider time, ILogger<UsageSampler> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    // Over less than this a rate says little.
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(5);

    private UsageSample? _last;
    private UsageSample? _lastButOne;

    /// <summary>Samples until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                var sample = await TakeAsync(cancellationToken);
                Volatile.Write(ref _lastButOne, Volatile.Read(ref _last));
                Volatile.Write(ref _last, sample);
            }
            catch (ContainerRuntimeException exception)
            {
                LogFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>What is used now.</summary>
    /// <exception cref="ContainerRuntimeException">The runtime does not say.</exception>
    public async Task<UsageSample> ReadAsync(CancellationToken cancellationToken)
    {
        var sample = await TakeAsync(cancellationToken);
        var last = Volatile.Read(ref _last);
        var before = last is not null && sample.At - last.At < ShortestWindow ? Volatile.Read(ref _lastButOne) ?? last : last;
        return sample with { Before = before };
    }

    private async Task<UsageSample> TakeAsync(CancellationToken cancellationToken)
    {
        var containers = await runtime.ListUsageAsync(cancellationToken);
        return new UsageSample(time.GetUtcNow(), Machine.CpuNanoseconds(), containers);
    }

    [LoggerMessage(LogLevel.Warning, "What containers use could not be read: {Problem}")]
    private partial void LogFailed(string problem);
}
