namespace Kybernet.Kubelet.Sandboxes;

/// <summary>A pod asks for a sandbox that the runtime cannot make.</summary>
internal sealed class SandboxException(string message) : Exception(message);
