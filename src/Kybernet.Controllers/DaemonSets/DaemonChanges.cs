using System.Runtime.ExceptionServices;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>What is to be changed: the nodes that need a pod, and the pods that are to go.</summary>
internal sealed class DaemonChanges
{
    private const int MaxBurst = 250;

    public List<string> Nodes { get; } = [];

    public List<Pod> Surplus { get; } = [];

    /// <summary>When to look again for what has to wait; null where nothing has.</summary>
    public TimeSpan? Wait { get; private set; }

    public void LookAgainIn(TimeSpan delay) => Wait = Wait < delay ? Wait : delay;

    /// <summary>Makes and deletes, both as far as they go; the first failure is thrown at the end.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task ApplyAsync(DaemonSet set, string hash, DaemonSetTools tools, CancellationToken cancellationToken)
    {
        var (nodes, surplus) = (Nodes.Take(MaxBurst).ToList(), Surplus.Take(MaxBurst).ToList());
        if (nodes.Count + surplus.Count == 0)
        {
            return;
        }
        var (key, expectations) = (set.Metadata.Key(), tools.Expectations);
        expectations.Expect(key, nodes.Count, surplus.Select(static pod => pod.Metadata.Uid!));
        var next = -1;
        var (made, failure) = await SlowStart.RunAsync(nodes.Count, () => CreateAsync(nodes[Interlocked.Increment(ref next)]));
        for (var missing = nodes.Count - made; missing > 0; missing--)
        {
            expectations.CreationObserved(key); // nobody will see what was not made
        }
        await Task.WhenAll(surplus.Select(DeleteAsync));
        failure?.Throw();

        async Task CreateAsync(string node)
        {
            try
            {
                await tools.Control.CreateAsync(DaemonPods.Describe(set, hash, node), set, cancellationToken);
            }
            catch (ApiException exception) when (PodControl.IsNamespaceTerminating(exception))
            {
                expectations.CreationObserved(key); // the set itself is about to go: no reason to try again
            }
        }

        async Task DeleteAsync(Pod pod)
        {
            try
            {
                if (!await tools.Control.DeleteAsync(pod, set, cancellationToken))
                {
                    expectations.DeletionObserved(key, pod.Metadata.Uid!);
                }
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                expectations.DeletionObserved(key, pod.Metadata.Uid!);
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
    }
}
