using System.Text.Json.Nodes;
using Kybernet.Api.Times;

namespace Kybernet.Kubelet.Configuration;

/// <summary>A field of KubeletConfiguration and the option that it is.</summary>
/// <param name="Path">The field, with a dot a level.</param>
/// <param name="Get">The field's value; null where it is not set.</param>
/// <param name="Set">The options with a value of the field. Throws <see cref="FormatException"/> or <see cref="InvalidOperationException"/> for what is no such value.</param>
internal sealed record ConfigurationField(string Path, Func<KubeletOptions, JsonNode?> Get, Func<KubeletOptions, JsonNode, KubeletOptions> Set)
{
    public static ConfigurationField Text(string path, Func<KubeletOptions, string> get, Func<KubeletOptions, string, KubeletOptions> set) =>
        new(path, options => get(options) is { Length: > 0 } text ? JsonValue.Create(text) : null, (options, value) => set(options, value.GetValue<string>()));

    public static ConfigurationField Flag(string path, Func<KubeletOptions, bool> get, Func<KubeletOptions, bool, KubeletOptions> set) =>
        new(path, options => JsonValue.Create(get(options)), (options, value) => set(options, value.GetValue<bool>()));

    public static ConfigurationField Number(string path, Func<KubeletOptions, long> get, Func<KubeletOptions, long, KubeletOptions> set) =>
        new(path, options => JsonValue.Create(get(options)), (options, value) => set(options, value.GetValue<long>()));

    public static ConfigurationField Duration(string path, Func<KubeletOptions, TimeSpan> get, Func<KubeletOptions, TimeSpan, KubeletOptions> set) =>
        new(path, options => JsonValue.Create(GoDuration.Format(get(options))), (options, value) => set(options, GoDuration.Parse(value.GetValue<string>())));

    public static ConfigurationField Texts(string path, Func<KubeletOptions, IReadOnlyList<string>> get, Func<KubeletOptions, IReadOnlyList<string>, KubeletOptions> set) =>
        new(
            path,
            options => new JsonArray([.. get(options).Select(static text => JsonValue.Create(text))]),
            (options, value) => set(options, [.. value.AsArray().Select(static item => item!.GetValue<string>())]));

    public static ConfigurationField Map(
        string path, Func<KubeletOptions, IReadOnlyDictionary<string, string>> get, Func<KubeletOptions, IReadOnlyDictionary<string, string>, KubeletOptions> set) =>
        new(
            path,
            options => new JsonObject(get(options).Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value)))),
            (options, value) => set(options, value.AsObject().ToDictionary(static pair => pair.Key, static pair => pair.Value!.GetValue<string>(), StringComparer.Ordinal)));
}
