using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Probes;

/// <summary>One probe of one container, run again and again over all its instances.</summary>
internal sealed class ProbeLoop(ProbeManager results, Prober prober, ProbeKey key, Probe probe, Action changed, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private volatile ProbeSubject? _subject;
    private Task _loop = Task.CompletedTask;
    private string _instance = "";
    private bool _last;
    private int _streak;
    private bool _isOnHold;
    private long _successes;
    private long _failures;

    /// <summary>What it looks at; null before it has begun.</summary>
    public ProbeSubject? Subject => _subject;

    public long Successes => Interlocked.Read(ref _successes);

    public long Failures => Interlocked.Read(ref _failures);

    private int Period => Math.Max(1, probe.PeriodSeconds ?? 10);

    public void Start(ProbeSubject subject)
    {
        _subject = subject;
        _loop = RunAsync(_ending.Token);
    }

    public void Update(ProbeSubject subject) => _subject = subject;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _loop;
        _ending.Dispose();
    }

    /// <summary>Looks once; what the loop does each period.</summary>
    internal async Task ProbeOnceAsync(CancellationToken cancellationToken)
    {
        if (_subject is not { Instance: { StartedAt: { } startedAt } instance } subject)
        {
            return;
        }
        var container = subject.Container.Container;
        if (instance.Id != _instance)
        {
            _instance = instance.Id;
            _streak = 0;
            _isOnHold = false;
            // Until it has been asked a container is alive, and not ready.
            if (key.Kind == ProbeKind.Readiness)
            {
                Publish(false);
            }
        }
        if (_isOnHold || time.GetUtcNow() - startedAt < TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0))
        {
            return;
        }
        // The startup probe goes first, and once.
        var isStarted = results.IsStarted(key.PodUid, container, instance.Id);
        if (isStarted == (key.Kind == ProbeKind.Startup))
        {
            return;
        }

        var success = await prober.ProbeAsync(key.Kind, probe, subject, cancellationToken);
        Interlocked.Increment(ref success ? ref _successes : ref _failures);
        _streak = _streak > 0 && success == _last ? _streak + 1 : 1;
        _last = success;
        if (_streak < (success ? Math.Max(1, probe.SuccessThreshold ?? 1) : Math.Max(1, probe.FailureThreshold ?? 3)))
        {
            return;
        }
        Publish(success);
        if (!success && key.Kind != ProbeKind.Readiness)
        {
            // It will be restarted; failing again meanwhile would say nothing new.
            _isOnHold = true;
            _streak = 0;
        }
    }

    private void Publish(bool success)
    {
        if (results.Set(key, new ProbeResult(_instance, success)))
        {
            changed();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // While a container starts up each second counts; later the period does.
            while (true)
            {
                await ProbeOnceAsync(cancellationToken);
                var pace = _subject?.Instance is null || _instance.Length == 0 || IsWaitingToBegin() ? 1 : Period;
                await Task.Delay(TimeSpan.FromSeconds(pace), time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to end
        }
    }

    // Not asked yet: its initial delay or its startup probe is in the way, which may end before a period does.
    private bool IsWaitingToBegin() => _streak == 0 && !_isOnHold && key.Kind != ProbeKind.Startup;
}
