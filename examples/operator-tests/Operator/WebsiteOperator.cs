using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Websites.Operator;

/// <summary>Watches Websites and their Deployments, and reconciles what changed, one at a time. A reconciliation that fails is tried again.</summary>
public sealed class WebsiteOperator(IKubernetes client, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(20);
    private readonly Channel<(string Space, string Name)> _queue = Channel.CreateUnbounded<(string, string)>();
    private readonly WebsiteReconciler _reconciler = new(client, time);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var following = Task.WhenAll(
            FollowAsync<Website>("example.com", "v1", "websites", static website => website.Name(), cancellationToken),
            FollowAsync<V1Deployment>("apps", "v1", "deployments", static deployment => deployment.GetController()?.Name, cancellationToken));
        var later = new List<Task>();
        try
        {
            await foreach (var (space, name) in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                later.RemoveAll(static task => task.IsCompleted);
                try
                {
                    if (await _reconciler.ReconcileAsync(space, name, cancellationToken) is { } delay)
                    {
                        later.Add(AddAsync(space, name, delay, time, cancellationToken));
                    }
                }
                catch (Exception exception) when (exception is HttpOperationException or HttpRequestException)
                {
                    later.Add(AddAsync(space, name, RetryAfter, TimeProvider.System, cancellationToken));
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll([following, .. later]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AddAsync(string space, string name, TimeSpan delay, TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, clock, cancellationToken);
        _queue.Writer.TryWrite((space, name));
    }

    // A watch that ends, whatever the reason, begins anew with all that there is.
    private async Task FollowAsync<T>(string group, string version, string plural, Func<T, string?> nameOf, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        using var items = new GenericClient(client, group, version, plural, disposeClient: false);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var (_, item) in items.WatchAsync<T>(cancel: cancellationToken))
                {
                    if (nameOf(item) is { } name)
                    {
                        _queue.Writer.TryWrite((item.Namespace(), name));
                    }
                }
            }
            catch (Exception exception) when (exception is HttpOperationException or HttpRequestException or IOException)
            {
                await Task.Delay(RetryAfter, TimeProvider.System, cancellationToken);
            }
        }
    }
}
