namespace Kybernet.Kubelet.Shutdown;

/// <summary>Holds the machine's shutdown up until its pods have ended.</summary>
internal interface IShutdownInhibitor
{
    /// <summary>Holds shutdowns up from now on, until cancelled. Ends with an exception where it cannot, or can no longer.</summary>
    /// <param name="needed">For how long it has to be able to.</param>
    /// <param name="announced">
    /// Called when one begins, which goes on when this has returned, and with false when one was called off; the next one is held up again then.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    Task RunAsync(TimeSpan needed, Func<bool, CancellationToken, Task> announced, CancellationToken cancellationToken);
}
