using System.Net;

namespace Kybernet.Network.Policies;

/// <summary>What the kubelet has told of a pod, ahead of the pod's status.</summary>
/// <param name="Addresses">The pod's addresses.</param>
/// <param name="Applied">Completes once the rules for them are in force.</param>
internal sealed record Announcement(IReadOnlyList<IPAddress> Addresses, Task Applied);
