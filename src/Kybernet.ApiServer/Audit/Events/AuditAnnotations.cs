namespace Kybernet.ApiServer.Audit.Events;

/// <summary>What those who handle a request note about it for its audit event.</summary>
public sealed class AuditAnnotations
{
    private readonly Lock _gate = new(); // validating webhooks are asked, and answer, side by side
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>What has been noted so far, by key, in order.</summary>
    public KeyValuePair<string, string>[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _values];
        }
    }

    /// <summary>Notes something. What was noted first stays: a later note, of whoever, cannot take it back.</summary>
    /// <param name="key">The key, as in <c>pod-security.kubernetes.io/enforce-policy</c>.</param>
    /// <param name="value">The value.</param>
    public void Add(string key, string value)
    {
        lock (_gate)
        {
            _values.TryAdd(key, value);
        }
    }
}
