using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Runtime;

/// <summary>Which pod something in the runtime belongs to.</summary>
internal readonly record struct PodIdentity(string Namespace, string Name, string Uid);

/// <summary>A pod sandbox as the runtime knows it.</summary>
internal sealed record SandboxRecord(string Id, PodIdentity Pod, uint Attempt, bool IsReady, DateTimeOffset CreatedAt)
{
    /// <summary>What the kubelet wrote on it.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Its addresses, the primary one first; known only where its status was asked for.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Whether it lives in the host's network namespace; known only where its status was asked for.</summary>
    public bool IsHostNetwork { get; init; }
}

/// <summary>What a container is doing.</summary>
internal enum ContainerRunState
{
    /// <summary>Made, never started.</summary>
    Created,

    /// <summary>Running.</summary>
    Running,

    /// <summary>Ended.</summary>
    Exited,

    /// <summary>The runtime lost track of it.</summary>
    Unknown,
}

/// <summary>A container as a list of the runtime shows it.</summary>
internal sealed record ContainerSummary(string Id, string SandboxId, PodIdentity Pod, string Name, uint Attempt, ContainerRunState State, DateTimeOffset CreatedAt)
{
    /// <summary>The image that it is made of.</summary>
    public string ImageId { get; init; } = "";
}

/// <summary>A container in full.</summary>
internal sealed record ContainerRecord
{
    public required string Id { get; init; }

    public required string SandboxId { get; init; }

    public required string Name { get; init; }

    public required ContainerRunState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null where it never started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Null where it has not ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public int ExitCode { get; init; }

    /// <summary>The image as it was asked for.</summary>
    public required string Image { get; init; }

    /// <summary>What the image resolved to.</summary>
    public required string ImageRef { get; init; }

    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";

    public string LogPath { get; init; } = "";

    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>What the kernel holds it to; null where the runtime does not say.</summary>
    public ContainerFigures? Figures { get; init; }

    /// <summary>How often the container was restarted before this instance.</summary>
    public int RestartCount =>
        Annotations.TryGetValue(RuntimeLabels.RestartCount, out var text) && int.TryParse(text, out var count) ? count : 0;
}

/// <summary>What the runtime has of one pod.</summary>
/// <param name="Sandboxes">Newest first.</param>
/// <param name="Containers">Newest first.</param>
internal sealed record PodRuntimeState(IReadOnlyList<SandboxRecord> Sandboxes, IReadOnlyList<ContainerRecord> Containers)
{
    /// <summary>Nothing at all.</summary>
    public static PodRuntimeState Nothing { get; } = new([], []);

    /// <summary>The newest instance of a container; null where none was ever made.</summary>
    public ContainerRecord? Newest(string name)
    {
        foreach (var container in Containers)
        {
            if (container.Name == name)
            {
                return container;
            }
        }
        return null;
    }

    /// <summary>The instance before the newest one; null where there was none.</summary>
    public ContainerRecord? Previous(string name)
    {
        var newest = true;
        foreach (var container in Containers)
        {
            if (container.Name != name)
            {
                continue;
            }
            if (!newest)
            {
                return container;
            }
            newest = false;
        }
        return null;
    }

    /// <summary>Whether anything of the pod still runs.</summary>
    public bool IsAnyRunning => Containers.Any(container => container.State is ContainerRunState.Running or ContainerRunState.Unknown);
}

/// <summary>An image that the node has.</summary>
internal sealed record ImageRecord(string Id, IReadOnlyList<string> Tags, IReadOnlyList<string> Digests, long Size, long? Uid, string Username)
{
    /// <summary>Whether the runtime needs it for itself.</summary>
    public bool IsPinned { get; init; }
}

/// <summary>Who the runtime is.</summary>
internal sealed record RuntimeVersion(string Name, string Version);

/// <summary>How the runtime feels.</summary>
/// <param name="Problem">Why the runtime is not ready; null where it is.</param>
/// <param name="NetworkProblem">Why the pod network is not ready; null where it is.</param>
internal sealed record RuntimeHealth(string? Problem, string? NetworkProblem);

/// <summary>What a command in a container answered.</summary>
internal sealed record ExecResult(int ExitCode, byte[] Output, byte[] Error);

/// <summary>What a container uses.</summary>
internal sealed record ContainerUsage(string Id, PodIdentity Pod, string Name)
{
    public DateTimeOffset Timestamp { get; init; }

    public ulong CpuNanoseconds { get; init; }

    public ulong WorkingSetBytes { get; init; }

    public ulong UsageBytes { get; init; }

    public ulong RootFilesystemBytes { get; init; }

    public ulong RootFilesystemInodes { get; init; }
}

/// <summary>Credentials for the registry of an image, and for the mirrors that the runtime gets it from in its place.</summary>
internal sealed record RegistryCredentials(string Username, string Password);
