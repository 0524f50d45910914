using Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Runtime;

/// <summary>
/// What the kubelet asks of a container runtime. Stopping and removing what is not there any more succeeds, so that every call may be repeated.
/// All methods throw <see cref="ContainerRuntimeException"/> where the runtime refuses or is away.
/// </summary>
internal interface IContainerRuntime
{
    /// <summary>Who the runtime is.</summary>
    Task<RuntimeVersion> GetVersionAsync(CancellationToken cancellationToken);

    /// <summary>Whether it and its network are ready.</summary>
    Task<RuntimeHealth> GetHealthAsync(CancellationToken cancellationToken);

    /// <summary>Tells it the node's pod network.</summary>
    Task SetPodCidrAsync(string podCidr, CancellationToken cancellationToken);

    /// <summary>Makes and starts a sandbox, network included.</summary>
    /// <returns>Its id.</returns>
    Task<string> RunSandboxAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken cancellationToken);

    /// <summary>Stops a sandbox, kills what runs in it and frees its network.</summary>
    Task StopSandboxAsync(string id, CancellationToken cancellationToken);

    /// <summary>Removes a sandbox and the containers in it.</summary>
    Task RemoveSandboxAsync(string id, CancellationToken cancellationToken);

    /// <summary>All sandboxes, or one pod's.</summary>
    Task<IReadOnlyList<SandboxRecord>> ListSandboxesAsync(string? podUid, CancellationToken cancellationToken);

    /// <summary>A sandbox with its addresses; null where there is none.</summary>
    Task<SandboxRecord?> FindSandboxAsync(string id, CancellationToken cancellationToken);

    /// <summary>All containers, or one pod's.</summary>
    Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(string? podUid, CancellationToken cancellationToken);

    /// <summary>A container in full; null where there is none.</summary>
    Task<ContainerRecord?> FindContainerAsync(ContainerSummary summary, CancellationToken cancellationToken);

    /// <summary>Makes a container.</summary>
    /// <returns>Its id.</returns>
    Task<string> CreateContainerAsync(string sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken);

    /// <summary>Starts a container that was made.</summary>
    Task StartContainerAsync(string id, CancellationToken cancellationToken);

    /// <summary>Changes what a running container may use.</summary>
    Task UpdateContainerAsync(string id, LinuxContainerResources resources, CancellationToken cancellationToken);

    /// <summary>Asks a container to stop and kills it when the time is over.</summary>
    Task StopContainerAsync(string id, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Removes a container.</summary>
    Task RemoveContainerAsync(string id, CancellationToken cancellationToken);

    /// <summary>Has a running container's log opened anew, after the file was moved away.</summary>
    Task ReopenLogAsync(string id, CancellationToken cancellationToken);

    /// <summary>Runs a command in a container and waits for its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    Task<ExecResult> ExecAsync(string id, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Where a stream to a new process of a container can be opened.</summary>
    Task<Uri> PrepareExecAsync(ExecRequest request, CancellationToken cancellationToken);

    /// <summary>Where a stream to a container's main process can be opened.</summary>
    Task<Uri> PrepareAttachAsync(AttachRequest request, CancellationToken cancellationToken);

    /// <summary>Where streams to a sandbox's ports can be opened.</summary>
    Task<Uri> PreparePortForwardAsync(string sandboxId, IReadOnlyList<int> ports, CancellationToken cancellationToken);

    /// <summary>What all running containers use.</summary>
    Task<IReadOnlyList<ContainerUsage>> ListUsageAsync(CancellationToken cancellationToken);

    /// <summary>The images that the node has.</summary>
    Task<IReadOnlyList<ImageRecord>> ListImagesAsync(CancellationToken cancellationToken);

    /// <summary>An image; null where the node does not have it.</summary>
    Task<ImageRecord?> FindImageAsync(string image, CancellationToken cancellationToken);

    /// <summary>Removes an image, under all of its names.</summary>
    Task RemoveImageAsync(string id, CancellationToken cancellationToken);

    /// <summary>Where images and containers' own files are kept; null where the runtime does not know yet.</summary>
    Task<string?> FindImageFolderAsync(CancellationToken cancellationToken);

    /// <summary>Pulls an image.</summary>
    /// <returns>What it resolved to.</returns>
    Task<string> PullImageAsync(string image, RegistryCredentials? credentials, PodSandboxConfig sandboxConfig, CancellationToken cancellationToken);
}
