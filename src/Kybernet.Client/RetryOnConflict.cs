namespace Kybernet.Client;

/// <summary>Writes again what was refused because the object had changed in between.</summary>
public static class RetryOnConflict
{
    private const int MaxTries = 5;

    /// <summary>Reads, changes and writes, up to five times. The attempt has to read the object afresh each time.</summary>
    /// <exception cref="ApiException">The server refused: a conflict after the last try, or anything else.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (ApiException exception) when (exception.IsConflict && tries < MaxTries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10 * (1 + Random.Shared.NextDouble())), time, cancellationToken);
            }
        }
    }
}
