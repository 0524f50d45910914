namespace Kybernet.ApiDescriptions;

/// <summary>
/// Writes each type as a line <c>= name description</c> and a line <c>field description</c> for each field that is described; in descriptions a
/// backslash stands before <c>n</c> for a new line and before itself. The types are in the order of the table of types.
/// </summary>
internal static class DescriptionText
{
    /// <summary>Writes the types of the table that the client has models of; answers how many descriptions there were.</summary>
    public static int Write(TextWriter writer, IEnumerable<string> types, ModelDocumentation models)
    {
        var written = 0;
        string? model = null;
        foreach (var line in types)
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                var name = line.Split(' ')[1];
                model = models.Model(name);
                if (model is not null)
                {
                    writer.Write($"= {name} {Escape(models.Of(model))}\n");
                    written++;
                }
            }
            else if (model is not null && line.Length > 0 && line[0] is not ('@' or '#'))
            {
                var field = line.Split(' ')[0].TrimEnd('!');
                if (models.Of(model, field) is { Length: > 0 } description)
                {
                    writer.Write($"{field} {Escape(description)}\n");
                    written++;
                }
            }
        }
        return written;
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
