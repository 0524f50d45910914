using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Controllers;

/// <summary>Runs all controllers over one set of caches: what kube-controller-manager is.</summary>
/// <param name="client">The API server, as someone who may list and watch everything, for the caches, and take the lease.</param>
/// <param name="options">How they work.</param>
/// <param name="time">What delays, deadlines and dates go by.</param>
/// <param name="loggers">Where they log.</param>
public sealed class ControllerManager(ApiClient client, ControllerOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private const string LeaseNamespace = "kube-system";
    private const string LeaseName = "kube-controller-manager";

    /// <summary>
    /// The API server as a controller's own ServiceAccount in kube-system, by its name; where this is not set, all controllers act as the one whose client the
    /// manager was given.
    /// </summary>
    public Func<string, ApiClient> ClientFor { get; init; } = _ => client;

    /// <summary>Runs until cancelled; with leader election, until it no longer leads.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.LeaderElectionIdentity is not { } identity)
        {
            return RunControllersAsync(new InformerFactory(client, time, loggers), ownsInformers: true, cancellationToken);
        }
        var election = new LeaderElectionOptions(LeaseNamespace, LeaseName, identity);
        var elector = new LeaderElector(client, election, time, loggers.CreateLogger("Kybernet.Controllers.LeaderElection"));
        return elector.RunAsync(leading => RunControllersAsync(new InformerFactory(client, time, loggers), ownsInformers: true, leading), cancellationToken);
    }

    /// <summary>Runs over caches that others use too, and that someone else keeps running; without leader election.</summary>
    public Task RunAsync(InformerFactory informers, CancellationToken cancellationToken) =>
        RunControllersAsync(informers, ownsInformers: false, cancellationToken);

    private async Task RunControllersAsync(InformerFactory informers, bool ownsInformers, CancellationToken cancellationToken)
    {
        var context = new ControllerContext(ClientFor, informers, options, time, loggers);
        ControllerSet.Add(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loops = new List<Task>();
        if (ownsInformers)
        {
            loops.Add(informers.RunAsync(ending.Token));
        }
        try
        {
            var synced = informers.WaitForSyncAsync(ending.Token);
            await await Task.WhenAny([synced, .. loops]); // informers that end before have failed
            foreach (var loop in context.Loops)
            {
                loops.Add(loop(ending.Token));
            }
            await await Task.WhenAny(loops); // none ends of itself: one that does has failed, and takes the others with it to be started again
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to end
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(loops)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
