using System.Text;

namespace Kybernet.Api.Schema;

/// <summary>Reads the fact tables that are part of this assembly.</summary>
internal static class Facts
{
    /// <summary>The whole of a table, as it is stored.</summary>
    internal static byte[] Bytes(string name)
    {
        using var stream = typeof(Facts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the table {name} is missing from the assembly");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The lines of a table, without blank ones and comments.</summary>
    internal static IEnumerable<string> Lines(string name)
    {
        foreach (var line in Encoding.UTF8.GetString(Bytes(name)).Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }

    /// <summary>Reads <c>apps/v1/Deployment</c> or <c>v1/Pod</c>.</summary>
    internal static GroupVersionKind ParseKind(string text)
    {
        var words = text.Split('/');
        return words.Length == 3 ? new GroupVersionKind(words[0], words[1], words[2]) : new GroupVersionKind("", words[0], words[1]);
    }
}
