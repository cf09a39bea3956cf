//! Names of stages, for reports and errors.

/// The last segment of a type's path, without its parameters: `Map` for `syncline_core::stage::map::Map<..>`.
pub(crate) fn short_name<T: ?Sized>() -> &'static str {
    let path = std::any::type_name::<T>();
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::short_name;

    struct Generic<T>(std::marker::PhantomData<T>);

    #[test]
    fn path_and_parameters_are_cut() {
        assert_eq!(short_name::<Generic<Vec<std::string::String>>>(), "Generic");
        assert_eq!(short_name::<u64>(), "u64");
    }
}
