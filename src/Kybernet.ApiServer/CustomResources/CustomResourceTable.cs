using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Api.Times;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>The table of a custom resource: its objects' names, then the columns of the definition (<c>additionalPrinterColumns</c>), else their age.</summary>
internal static class CustomResourceTable
{
    private static readonly CustomResourceColumnDefinition Age = new()
    {
        Name = "Age", Type = "date", JsonPath = ".metadata.creationTimestamp", Description = "Time since the object was created.",
    };

    public static TableDefinition Build(IReadOnlyList<CustomResourceColumnDefinition> definitions)
    {
        if (definitions.Count == 0)
        {
            definitions = [Age];
        }
        var paths = definitions.Select(static definition => JsonPath.Parse(definition.JsonPath)).ToArray();
        List<TableColumn> columns = [new("Name", "string", "name", "Name must be unique within a namespace.", 0)];
        columns.AddRange(definitions.Select(static definition =>
            new TableColumn(definition.Name, definition.Type, definition.Format ?? "", definition.Description ?? "", definition.Priority ?? 0)));
        return new TableDefinition(columns, (item, now) =>
        {
            var tree = ModelJson.ParseTree(item.Json.Span)!;
            var cells = new object?[columns.Count];
            cells[0] = item.Key.Name;
            for (var i = 0; i < paths.Length; i++)
            {
                cells[i + 1] = Cell(definitions[i].Type, paths[i].Find(tree), now);
            }
            return cells;
        });
    }

    private static object? Cell(string type, IReadOnlyList<JsonNode> found, DateTimeOffset now)
    {
        if (found.Count == 0)
        {
            return null;
        }
        var value = found[0];
        return type switch
        {
            "string" => string.Join(' ', found.Select(JsonValues.Text)),
            "integer" => JsonValues.TryInt64(value, out var number) ? number : null,
            "number" => JsonValues.TryDouble(value, out var number) ? number : null,
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.GetValueKind() == JsonValueKind.True : null,
            "date" => Rfc3339.TryParse(JsonValues.Text(value), out var time) ? HumanDuration.Format(now - time) : "<invalid>",
            _ => null,
        };
    }
}
