namespace Kybernet.Store.Etcd;

/// <summary>
/// Asks for the newest revision on behalf of many at once. Whoever asks while a question is under way shares the next one: the answer to the
/// one under way may be older than what they have to see.
/// </summary>
internal sealed class RevisionReads(Func<Task<long>> read)
{
    private readonly Lock _gate = new();
    private Task<long>? _running;
    private Task<long>? _next;

    /// <summary>The newest revision at some time after this was asked.</summary>
    public Task<long> GetAsync()
    {
        lock (_gate)
        {
            if (_running is null or { IsCompleted: true })
            {
                return _running = read();
            }
            return _next ??= AfterAsync(_running);
        }
    }

    private async Task<long> AfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<long> own;
        lock (_gate)
        {
            // From here on, who asks is too late for this question.
            own = _running = read();
            _next = null;
        }
        return await own.ConfigureAwait(false);
    }
}
