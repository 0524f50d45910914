namespace Kybernet.Kubelet.Shutdown;

/// <summary>Whether the machine is shutting down.</summary>
internal sealed class ShutdownState
{
    private volatile bool _isShuttingDown;

    /// <summary>It has begun to, or no longer does.</summary>
    public event Action? Changed;

    public bool IsShuttingDown => _isShuttingDown;

    public void Set(bool isShuttingDown)
    {
        _isShuttingDown = isShuttingDown;
        Changed?.Invoke();
    }
}
