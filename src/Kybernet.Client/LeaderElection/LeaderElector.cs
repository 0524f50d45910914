using Kybernet.Api.Coordination.V1;
using Kybernet.Api.Meta.V1;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client;

/// <summary>Which Lease leaders hold, and how long without renewing. The defaults are upstream's.</summary>
/// <param name="Namespace">The Lease's namespace.</param>
/// <param name="Name">The Lease's name.</param>
/// <param name="Identity">Who we are: different for each process.</param>
public sealed record LeaderElectionOptions(string Namespace, string Name, string Identity)
{
    /// <summary>How long the others wait after the leader's last sign of life.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader tries to renew before it gives up; less than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often to renew, or to try to become the leader.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Sees to it that one of several processes does the work: the one that holds a Lease. Clocks of different machines are never compared: a lease has
/// expired when we have not seen it change for its whole duration.
/// </summary>
public sealed partial class LeaderElector(ApiClient client, LeaderElectionOptions options, TimeProvider time, ILogger logger)
{
    private Lease? _observed;
    private long _observedAt;

    /// <summary>Who leads, as far as is known; empty before the first look.</summary>
    public string Leader => _observed?.Spec.HolderIdentity ?? "";

    /// <summary>Whether that is us.</summary>
    public bool IsLeader => Leader == options.Identity;

    /// <summary>
    /// Waits until we lead, then does the work, whose token is cancelled when we no longer lead. Returns when the work has ended; gives the lease back
    /// if we still hold it, so that the next one need not wait.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await AcquireAsync(cancellationToken);
        LogLeading(options.Identity, options.Name);
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewUntilLostAsync(leading.Token);
        var working = work(leading.Token);
        await Task.WhenAny(working, renewing);
        await leading.CancelAsync();
        await ((Task)Task.WhenAll(working, renewing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsLeader)
        {
            await ReleaseAsync();
        }
        await renewing;
        await working;
    }

    private async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryAcquireOrRenewAsync(cancellationToken))
        {
            await Task.Delay(options.RetryPeriod * (1 + (1.2 * Random.Shared.NextDouble())), time, cancellationToken);
        }
    }

    private async Task RenewUntilLostAsync(CancellationToken cancellationToken)
    {
        var renewed = time.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(options.RetryPeriod, time, cancellationToken);
                using var deadline = new CancellationTokenSource(options.RenewDeadline, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                if (await RenewedAsync(either.Token))
                {
                    renewed = time.GetTimestamp();
                }
                else if (!IsLeader || time.GetElapsedTime(renewed) >= options.RenewDeadline)
                {
                    LogLost(options.Identity, options.Name);
                    _observed = null;
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the work is done
        }
    }

    private async Task<bool> RenewedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TryAcquireOrRenewAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false; // the deadline, or the end: the caller's own token tells which
        }
    }

    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var current = await client.FindAsync<Lease>(options.Namespace, options.Name, cancellationToken);
            if (current is null)
            {
                Observe(await client.CreateAsync(Claim(null), cancellationToken));
                return true;
            }
            if (_observed?.Metadata.ResourceVersion != current.Metadata.ResourceVersion)
            {
                Observe(current);
            }
            var isHeld = !string.IsNullOrEmpty(current.Spec.HolderIdentity);
            var duration = TimeSpan.FromSeconds(current.Spec.LeaseDurationSeconds ?? options.LeaseDuration.TotalSeconds);
            if (isHeld && current.Spec.HolderIdentity != options.Identity && time.GetElapsedTime(_observedAt) < duration)
            {
                return false;
            }
            Observe(await client.UpdateAsync(Claim(current), cancellationToken));
            return true;
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            LogFailed(options.Name, exception.Message);
            return false;
        }
    }

    private Lease Claim(Lease? current)
    {
        var now = time.GetUtcNow();
        var isOurs = current?.Spec.HolderIdentity == options.Identity;
        return (current ?? new Lease { Metadata = new ObjectMeta { Namespace = options.Namespace, Name = options.Name } }) with
        {
            Spec = (current?.Spec ?? LeaseSpec.Empty) with
            {
                HolderIdentity = options.Identity,
                LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
                AcquireTime = isOurs ? current!.Spec.AcquireTime : now,
                RenewTime = now,
                LeaseTransitions = (current?.Spec.LeaseTransitions ?? 0) + (current is null || isOurs ? 0 : 1),
            },
        };
    }

    private void Observe(Lease lease)
    {
        _observed = lease;
        _observedAt = time.GetTimestamp();
    }

    private async Task ReleaseAsync()
    {
        // Whoever asked us to end has cancelled already, and the lease is to be given back all the same; but the end must not hang on it.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        try
        {
            var now = time.GetUtcNow();
            var spec = _observed!.Spec with { HolderIdentity = "", LeaseDurationSeconds = 1, RenewTime = now, AcquireTime = now };
            Observe(await client.UpdateAsync(_observed with { Spec = spec }, patience.Token));
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException or OperationCanceledException)
        {
            LogFailed(options.Name, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Identity} leads: it holds lease {Lease}")]
    private partial void LogLeading(string identity, string lease);

    [LoggerMessage(LogLevel.Error, "{Identity} leads no longer: it lost lease {Lease}")]
    private partial void LogLost(string identity, string lease);

    [LoggerMessage(LogLevel.Warning, "Lease {Lease} could not be taken or renewed: {Problem}")]
    private partial void LogFailed(string lease, string problem);
}
