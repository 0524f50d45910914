namespace Kybernet.Client;

/// <summary>Which objects of a collection are meant.</summary>
/// <param name="LabelSelector">In the syntax of label selectors; empty for all.</param>
/// <param name="FieldSelector">In the syntax of field selectors; empty for all.</param>
public sealed record ListSelection(string LabelSelector = "", string FieldSelector = "")
{
    /// <summary>All objects.</summary>
    public static ListSelection All { get; } = new();

    /// <summary>The query that asks for them, beginning with a question mark; empty for all.</summary>
    public string ToQuery()
    {
        var parts = new List<string>(2);
        if (LabelSelector.Length > 0)
        {
            parts.Add("labelSelector=" + Uri.EscapeDataString(LabelSelector));
        }
        if (FieldSelector.Length > 0)
        {
            parts.Add("fieldSelector=" + Uri.EscapeDataString(FieldSelector));
        }
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
