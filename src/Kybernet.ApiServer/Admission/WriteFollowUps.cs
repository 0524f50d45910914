namespace Kybernet.ApiServer.Admission;

/// <summary>What became of a write that admission let in.</summary>
public enum WriteEnd
{
    /// <summary>It was turned away after all, or somebody else was faster: nothing was stored.</summary>
    Refused,

    /// <summary>The object is stored as admission saw it.</summary>
    Stored,

    /// <summary>The object is gone.</summary>
    Gone,
}

/// <summary>
/// What plugins do once it is certain what became of a write: whoever reserved something for the object gives it back. Where that stays uncertain (the
/// store did not answer) nothing is done: repairs find out later.
/// </summary>
public sealed class WriteFollowUps
{
    private readonly List<Func<WriteEnd, CancellationToken, Task>> _actions = [];

    /// <summary>Adds something to do. It may fail only with what the store throws, and is then left to a repair.</summary>
    public void Add(Func<WriteEnd, CancellationToken, Task> action) => _actions.Add(action);

    /// <summary>Does it all, once.</summary>
    public async Task RunAsync(WriteEnd end, CancellationToken cancellationToken)
    {
        foreach (var action in _actions)
        {
            try
            {
                await action(end, cancellationToken);
            }
            catch (Store.StoreException)
            {
                // The write itself is done, and its answer must say so.
            }
        }
        _actions.Clear();
    }
}
