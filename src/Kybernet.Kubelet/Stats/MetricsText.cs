using System.Globalization;
using System.Text;

namespace Kybernet.Kubelet.Stats;

/// <summary>Figures in Prometheus' text form.</summary>
internal sealed class MetricsText
{
    /// <summary>What the form is called in HTTP.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Begins a metric; its values follow.</summary>
    public MetricsText Begin(string name, string type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    /// <summary>A value.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="labels">The labels, as <see cref="Labels"/> writes them; empty for none.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">When it was measured; null for now.</param>
    public void Add(string name, string labels, double value, DateTimeOffset? at = null)
    {
        _text.Append(name).Append(labels).Append(' ').Append(value.ToString("0.#########", CultureInfo.InvariantCulture));
        if (at is { } time)
        {
            _text.Append(' ').Append(time.ToUnixTimeMilliseconds());
        }
        _text.Append('\n');
    }

    /// <summary>Labels, in the order of their names as Prometheus' own libraries have them.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length > 1 ? "," : "").Append(name).Append("=\"")
                .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }
        return text.Append('}').ToString();
    }

    public override string ToString() => _text.ToString();
}
