using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>Asks the runtime what it has of a pod.</summary>
internal static class PodStateReader
{
    public static async Task<PodRuntimeState> ReadAsync(IContainerRuntime runtime, string podUid, CancellationToken cancellationToken)
    {
        var sandboxes = (await runtime.ListSandboxesAsync(podUid, cancellationToken)).ToArray();
        if (sandboxes.Length > 0)
        {
            // Only the newest one's addresses matter, and only its status has them.
            sandboxes[0] = await runtime.FindSandboxAsync(sandboxes[0].Id, cancellationToken) ?? sandboxes[0];
        }
        var containers = new List<ContainerRecord>();
        foreach (var summary in await runtime.ListContainersAsync(podUid, cancellationToken))
        {
            if (await runtime.FindContainerAsync(summary, cancellationToken) is { } container)
            {
                containers.Add(container);
            }
        }
        return new PodRuntimeState(sandboxes, containers);
    }
}
