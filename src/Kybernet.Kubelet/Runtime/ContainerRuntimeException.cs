using Grpc.Core;

namespace Kybernet.Kubelet.Runtime;

/// <summary>Thrown when the container runtime refuses something or cannot be reached. The message reads as upstream's, since it ends up in pods' statuses.</summary>
internal sealed class ContainerRuntimeException(StatusCode code, string detail, Exception? inner)
    : Exception($"rpc error: code = {code} desc = {detail}", inner)
{
    /// <summary>What kind of failure it is.</summary>
    public StatusCode Code { get; } = code;

    /// <summary>What the runtime said.</summary>
    public string Detail { get; } = detail;

    /// <summary>Whether what was asked for does not exist.</summary>
    public bool IsNotFound => Code == StatusCode.NotFound;
}
