using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>Runs an object through its strategy, written as relaxed JSON: single quotes are double ones.</summary>
internal static class Strategies
{
    public static DateTimeOffset Now { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A write by a user of no particular rights.</summary>
    public static WriteContext Write { get; } = new(new UserInfo("me", ["system:authenticated"]), Now, DryRun: false);

    public static ResourceStrategy Of(string resource)
    {
        var dot = resource.IndexOf('.');
        return new StrategyRegistry().For(dot < 0 ? new GroupResource("", resource) : new GroupResource(resource[(dot + 1)..], resource[..dot]));
    }

    public static JsonObject Tree(string json) => JsonNode.Parse(json.Replace('\'', '"'))!.AsObject();

    public static EncodedObject Encode(JsonObject tree) => EncodedObject.Parse(ModelJson.ToUtf8(tree));

    public static EncodedObject Encode(string json) => EncodedObject.Parse(Encoding.UTF8.GetBytes(json.Replace('\'', '"')));

    /// <summary>The object after defaults, twice over: the second time must change nothing.</summary>
    public static JsonObject Defaulted(string resource, string json)
    {
        var tree = Tree(json);
        var strategy = Of(resource);
        strategy.Default(tree);
        var once = tree.DeepClone();
        strategy.Default(tree);
        Assert.True(JsonNode.DeepEquals(once, tree), "defaults changed something the second time");
        return tree;
    }

    /// <summary>The causes for which a new object is refused.</summary>
    public static string[] Create(string resource, string json)
    {
        var errors = new FieldErrors();
        Of(resource).ValidateCreate(Encode(Defaulted(resource, json)), errors);
        return Lines(errors);
    }

    /// <summary>The causes for which a change is refused.</summary>
    public static string[] Update(string resource, string before, string after)
    {
        var errors = new FieldErrors();
        Of(resource).ValidateUpdate(Encode(Defaulted(resource, after)), Encode(Defaulted(resource, before)), errors);
        return Lines(errors);
    }

    /// <summary>The causes for which a change of the status is refused.</summary>
    public static string[] UpdateStatus(string resource, string before, string after)
    {
        var errors = new FieldErrors();
        Of(resource).ValidateStatusUpdate(Encode(after), Encode(before), errors);
        return Lines(errors);
    }

    /// <summary>The row of an object, cells joined by a bar.</summary>
    public static string Row(string resource, string json) => string.Join(" | ", Of(resource).Table.Cells(Encode(json), Now).Select(cell => cell is bool flag ? (flag ? "true" : "false") : cell));

    /// <summary>The headings, those of wide output in parentheses.</summary>
    public static string Headings(string resource) =>
        string.Join(" ", Of(resource).Table.Columns.Select(column => column.Priority == 0 ? column.Name : $"({column.Name})"));

    private static string[] Lines(FieldErrors errors) => errors.Items.Select(error => error.ToString()).ToArray();
}
